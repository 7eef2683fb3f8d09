import '../src/trusted-types.ts';
import * as Comlink from 'comlink';
import { reportTimings } from '#pwa/timings.ts';
import { LibraryStore } from '#storage/library/store.ts';
import { Library } from './library/library.ts';

reportTimings();
const library = new Library(new LibraryStore());
Comlink.expose(library);
void library.begin();

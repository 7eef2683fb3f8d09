import '../src/trusted-types.ts';
import * as Comlink from 'comlink';
import { reportTimings } from '#pwa/timings.ts';
import { Tokens } from './tokens/tokens.ts';

reportTimings();
Comlink.expose(new Tokens());

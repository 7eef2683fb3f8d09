/** What a person does to styles, lists and earlier prompts. Every change is written before it counts as kept. */
import { MAX_STYLES_ON } from '#core/pipeline/request.ts';
import { formatStyles, MAX_STYLES, parseStyles, type Style } from '#core/prompt/styles.ts';
import { linesOf, listName, MAX_LIST_CHARACTERS, MAX_LISTS, type WordList } from '#core/prompt/word-list.ts';
import { editDraft } from '#state/actions/edit-draft.ts';
import { saveFile } from '#state/actions/save-file.ts';
import { showToast } from '#state/actions/show-toast.ts';
import { useDraft } from '#state/draft.ts';
import { services } from '#state/services.ts';
import { useWords } from '#state/words.ts';
import {
  type EarlierPrompt,
  MAX_EARLIER,
  MAX_EARLIER_CHARACTERS,
  type WordsKind,
  type Words,
} from '#storage/words.ts';

export async function readWords(): Promise<void> {
  const { words } = services();
  const [styles, lists, earlier] = await Promise.all([
    words.read('styles'),
    words.read('lists'),
    words.read('earlier'),
  ]);
  useWords.setState({ styles, lists, earlier, status: 'ready' });
}

async function keep<K extends WordsKind>(kind: K, rows: Words[K]): Promise<void> {
  useWords.setState({ [kind]: rows } as Partial<Words>);
  if (await services().words.write(kind, rows)) return;
  showToast({
    text: 'The browser did not keep this: it lasts until the page is closed. Export it to be safe.',
    tone: 'trouble',
    action: null,
  });
}

/** New, or in place of the style that was called `before`. A style of the same name gives way. */
export async function keepStyle(style: Style, before: string | null): Promise<void> {
  const { styles } = useWords.getState();
  const others = styles.filter(({ name }) => name !== style.name || name === before);
  const at = others.findIndex(({ name }) => name === before);
  await keep('styles', at === -1 ? [...others, style].slice(-MAX_STYLES) : others.with(at, style));
  if (before !== null && before !== style.name) {
    const on = useDraft.getState().styles;
    editDraft({ styles: on.map((name) => (name === before ? style.name : name)) });
  }
}

export async function removeStyle(name: string): Promise<void> {
  await keep(
    'styles',
    useWords.getState().styles.filter((style) => style.name !== name),
  );
  switchStyle(name, false);
}

/** Puts a style on, after those that are on already, or takes it off. */
export function switchStyle(name: string, isOn: boolean): void {
  const others = useDraft.getState().styles.filter((other) => other !== name);
  editDraft({ styles: isOn ? [...others, name].slice(-MAX_STYLES_ON) : others });
}

/** @returns what happened, in a sentence */
export async function importStyles(file: File): Promise<string> {
  const result = parseStyles(await file.text());
  if (!result.ok) return `${file.name.slice(0, 60)} cannot be read: ${result.reason}.`;
  const names = new Set(result.styles.map(({ name }) => name));
  const others = useWords.getState().styles.filter(({ name }) => !names.has(name));
  const all = [...others, ...result.styles];
  await keep('styles', all.slice(0, MAX_STYLES));
  const left = result.skipped + Math.max(0, all.length - MAX_STYLES);
  const { length } = result.styles;
  return `${length === 1 ? 'One style' : `${length} styles`} imported${left === 0 ? '' : `, ${left} left out`}.`;
}

export function exportStyles(): void {
  const csv = formatStyles(useWords.getState().styles);
  saveFile(new Blob([csv], { type: 'text/csv' }), 'styles.csv');
}

/** New, or in place of the list that was called `before`. */
export async function keepList(list: WordList, before: string | null): Promise<void> {
  const { lists } = useWords.getState();
  const others = lists.filter(({ name }) => !isNamed(name, list.name) || name === before);
  const at = others.findIndex(({ name }) => name === before);
  const kept = { ...list, text: list.text.slice(0, MAX_LIST_CHARACTERS) };
  await keep('lists', at === -1 ? [...others, kept].slice(-MAX_LISTS) : others.with(at, kept));
}

export async function removeList(name: string): Promise<void> {
  await keep(
    'lists',
    useWords.getState().lists.filter((list) => list.name !== name),
  );
}

/** Text files, each a list by its name. @returns what happened, in a sentence */
export async function importLists(files: readonly File[]): Promise<string> {
  const refused: string[] = [];
  let kept = 0;
  for (const file of files.slice(0, MAX_LISTS)) {
    const name = listName(file.name);
    const text = file.size > MAX_LIST_CHARACTERS ? '' : await file.text();
    if (name === '' || text.includes('\0') || linesOf(text).length === 0)
      refused.push(file.name.slice(0, 60));
    else {
      await keepList({ name, text }, null);
      kept++;
    }
  }
  const done = kept === 1 ? 'One list imported.' : `${kept} lists imported.`;
  if (refused.length === 0) return done;
  return `${kept === 0 ? '' : `${done} `}Not text with a choice a line, or longer than 1 MB: ${refused.slice(0, 3).join(', ')}.`;
}

/** Puts what was written to the head of the earlier prompts. */
export async function noteEarlier(prompt: Omit<EarlierPrompt, 'usedAt'>): Promise<void> {
  if (prompt.prompt === '' || prompt.prompt.length + prompt.negativePrompt.length > MAX_EARLIER_CHARACTERS)
    return;
  const { earlier } = useWords.getState();
  const others = earlier.filter((other) => !isSame(other, prompt));
  await keep('earlier', [{ ...prompt, usedAt: Date.now() }, ...others].slice(0, MAX_EARLIER));
}

export async function removeEarlier(given: EarlierPrompt): Promise<void> {
  await keep(
    'earlier',
    useWords.getState().earlier.filter((other) => other !== given),
  );
}

export async function clearEarlier(): Promise<void> {
  await keep('earlier', []);
}

/** Back into the form: the words, the negative and the styles, and nothing else. */
export function takeEarlier({ prompt, negativePrompt, styles }: EarlierPrompt): void {
  editDraft({ prompt, negativePrompt, styles });
}

function isSame(a: Omit<EarlierPrompt, 'usedAt'>, b: Omit<EarlierPrompt, 'usedAt'>): boolean {
  return (
    a.prompt === b.prompt &&
    a.negativePrompt === b.negativePrompt &&
    a.styles.join('\n') === b.styles.join('\n')
  );
}

function isNamed(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** Which form of each part is taken, and whether the engine could run it. */
import type { Variant } from '../models/manifest.ts';
import { ElementType } from '../onnx/tensor.ts';
import type { FileEntry } from './files.ts';
import { graphFacts, type GraphFacts } from './graph-facts.ts';
import { besides, type Form } from './parts.ts';
import type { Read } from './pipeline-config.ts';

/** A protobuf of more than this cannot be read in a browser; its weights belong into files of their own. */
const MAX_GRAPH_BYTES = 512 * 2 ** 20;
/** A session of 32-bit WebAssembly can address no more. */
const MAX_WEIGHTS_BYTES = 2 ** 32;
/** One ArrayBuffer can hold about this much; a larger file opens only where it is read in slices. */
const WIDE_WEIGHTS_BYTES = 2 ** 31;

export interface Picked {
  form: Form;
  facts: GraphFacts | null;
  variant: Variant;
  weights: FileEntry[];
}

/** The form of the same name, else the one that suits it best. */
export function nearestForm(forms: readonly Form[], suffix: string): Form | null {
  const half = /f16|fp16/.test(suffix);
  const likes = [suffix, ...(half ? ['q4f16', 'fp16', 'f16'] : ['q8', 'quantized']), '', 'fp32', 'fp16'];
  for (const like of likes) {
    const form = forms.find((candidate) => candidate.suffix === like);
    if (form) return form;
  }
  return forms[0] ?? null;
}

export function pickForm(read: Read, part: string, form: Form, missing: string[]): Picked {
  const { contents } = read;
  const beside = besides(form.graph, contents.files);
  const bytes = contents.graphs.get(form.graph.path);
  const where = form.graph.path;
  let facts: GraphFacts | null = null;
  let weights = form.weights;
  if (bytes === undefined) {
    if (form.graph.sizeBytes > MAX_GRAPH_BYTES) {
      missing.push(
        `${where} has its weights inside the graph (${gigabytes(form.graph.sizeBytes)}): a browser cannot read it. It has to be exported with its weights beside it.`,
      );
    }
  } else {
    const result = graphFacts(bytes, new Map([...beside].map(([name, file]) => [name, file.sizeBytes])));
    if (result.ok) {
      facts = result.facts;
      weights = facts.locations.flatMap((location) => beside.get(location) ?? []);
      checkBorders(where, facts, missing);
    } else {
      missing.push(`${where} would be refused: ${result.reason}.`);
    }
  }
  for (const { path, sizeBytes } of weights) {
    const size = `${path} has ${gigabytes(sizeBytes)} in one file`;
    if (sizeBytes > MAX_WEIGHTS_BYTES) missing.push(`${size}; a session can address 4.3 GB.`);
    else if (sizeBytes > WIDE_WEIGHTS_BYTES) read.remarks.push(`${size}, which not every browser can open.`);
  }
  const compute = facts?.compute ?? (/f16|fp16/.test(form.suffix) ? 'float16' : 'float32');
  const variant: Variant = {
    id: form.suffix || idOf(facts) || 'fp32',
    compute,
    graph: relative(read, form.graph),
    weights: weights.map((file) => relative(read, file)),
  };
  if (facts === null && form.suffix === '') {
    read.remarks.push(`The type of ${part} cannot be read before it is there; it is taken for 32-bit.`);
  }
  return { form, facts, variant, weights };
}

function idOf(facts: GraphFacts | null): string | null {
  if (facts === null) return null;
  const { weightBits, compute } = facts;
  if (weightBits === 16) return 'fp16';
  if (weightBits === 32) return 'fp32';
  return compute === 'float16' ? `q${weightBits}f16` : `q${weightBits}`;
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

/** Paths of the manifest are relative to the pipeline's own folder. */
function relative({ root }: Read, { path }: FileEntry): string {
  return path.slice(root.length);
}

const FED: ReadonlySet<number> = new Set([ElementType.float, ElementType.int32, ElementType.int64]);

function checkBorders(where: string, { inputs }: GraphFacts, missing: string[]): void {
  for (const { name, elementType, dims } of inputs) {
    if (!FED.has(elementType)) {
      const type = elementType === ElementType.float16 ? '16-bit numbers' : `numbers of type ${elementType}`;
      missing.push(
        `${where} takes ${JSON.stringify(name.slice(0, 60))} as ${type}; the studio feeds 32-bit ones.`,
      );
    }
    const [batch] = dims;
    if (batch !== undefined && batch !== null && batch !== 1) {
      missing.push(`${where} takes ${batch} pictures at a time; the studio gives it one.`);
    }
  }
}

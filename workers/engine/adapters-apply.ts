/** From adapters to what an open model computes: a part is opened anew only when they do not fit its branches. */
import { FailureError } from '#core/failure.ts';
import { modelWords } from '#core/lora/family.ts';
import { type LayerCount, withoutPlace } from '#core/lora/fit.ts';
import type { Component } from '#core/lora/names.ts';
import {
  bucketFor,
  MAX_STACK_RANK,
  planStack,
  type StackEntry,
  type StackPlan,
  stackRank,
} from '#core/lora/stack.ts';
import type { Manifest } from '#core/models/manifest.ts';
import { layerGroup } from '#core/onnx/passes/lora-sites.ts';
import type { GenerateEvent } from '#engine/api.ts';
import type { AdapterBank } from './adapters-bank.ts';
import type { ActiveAdapter } from './adapters.ts';
import type { OpenModel } from './model.ts';
import type { BranchSpec } from './prepare-graph.ts';

interface Job {
  signal: AbortSignal;
  emit: (event: GenerateEvent) => void;
}

interface Entry extends StackEntry {
  adapter: ActiveAdapter;
}

/** The branches that each part needs for these adapters: `openModel` takes it, so that no part is opened twice. */
export function branchesFor(
  manifest: Manifest,
  active: readonly ActiveAdapter[],
): (part: string) => BranchSpec | null {
  const specs = new Map(
    adaptable(manifest).map(({ part, component }) => [part, neededSpec(entriesOf(active, component))]),
  );
  return (part) => specs.get(part) ?? null;
}

/**
 * Makes the model compute with these adapters and no others; none at all is the base, bit for bit.
 * @throws FailureError `adapter-mismatch`, `adapters-too-many`, and those of opening a part
 */
export async function applyAdapters(
  model: OpenModel,
  active: readonly ActiveAdapter[],
  job: Job,
): Promise<void> {
  const { manifest } = model;
  const used = new Map<ActiveAdapter, LayerCount>(
    active.map((adapter) => [adapter, { all: 0, denoiser: 0 }]),
  );
  for (const { part, component } of adaptable(manifest)) {
    const entries = entriesOf(active, component);
    const spec = neededSpec(entries);
    if (spec === null) {
      model.bank(part)?.write(new Map());
      continue;
    }
    let bank = model.bank(part);
    if (bank === null || !bank.holds(spec)) bank = await model.widen(part, union(bank?.spec, spec), job);
    const plan = planFor(bank, entries, manifest);
    bank = await withGroupsOf(plan, bank, part, model, job);
    bank.write(plan.shares);
    for (const [i, { adapter, layers }] of entries.entries()) {
      const count = used.get(adapter)!;
      const placed = layers.length - plan.unused[i]!;
      count.all += placed;
      if (component === 'denoiser') count.denoiser += placed;
    }
  }
  for (const [adapter, count] of used) report(adapter, count, manifest, job.emit);
}

/** Text encoders in the manifest's order, then the denoiser. */
export function adaptable({ textEncoders, denoiser }: Manifest): { part: string; component: Component }[] {
  return [
    ...textEncoders.slice(0, 3).map(({ part }, i) => ({ part, component: `text${i + 1}` as Component })),
    { part: denoiser.part, component: 'denoiser' as const },
  ];
}

function entriesOf(active: readonly ActiveAdapter[], component: Component): Entry[] {
  return active.flatMap((adapter) => {
    const { textWeight, denoiserWeight } = adapter.use;
    const weight = component === 'denoiser' ? denoiserWeight : textWeight;
    const layers = adapter.layers.filter((layer) => layer.component === component);
    return weight === 0 || layers.length === 0 ? [] : [{ adapter, layers, weight }];
  });
}

/** Groups by the names in the files; `withGroupsOf` adds what a graph calls otherwise. */
function neededSpec(entries: readonly Entry[]): BranchSpec | null {
  if (entries.length === 0) return null;
  const needed = stackRank(entries);
  const rank = bucketFor(needed);
  if (rank === null)
    throw new FailureError({ code: 'adapters-too-many', rank: needed, maxRank: MAX_STACK_RANK });
  return {
    rank,
    groups: new Set(entries.flatMap(({ layers }) => layers.map(({ layer }) => layerGroup(layer)))),
  };
}

function union(a: BranchSpec | undefined, b: BranchSpec): BranchSpec {
  return a === undefined
    ? b
    : { rank: Math.max(a.rank, b.rank), groups: new Set([...a.groups, ...b.groups]) };
}

async function withGroupsOf(
  { shares }: StackPlan,
  bank: AdapterBank,
  part: string,
  model: OpenModel,
  job: Job,
): Promise<AdapterBank> {
  const missing = [...shares.keys()].filter((path) => !bank.has(path));
  const groups = new Set(missing.map(layerGroup));
  if ([...groups].every((group) => bank.spec.groups.has(group))) return bank;
  return model.widen(part, union(bank.spec, { rank: bank.spec.rank, groups }), job);
}

function planFor(bank: AdapterBank, entries: readonly Entry[], manifest: Manifest): StackPlan {
  const planned = planStack(bank.layers, entries);
  if (planned.ok) return planned.plan;
  throw mismatch(entries[planned.entry]!.adapter, manifest, planned.reason);
}

function mismatch({ use }: ActiveAdapter, manifest: Manifest, detail: string): FailureError {
  return new FailureError({
    code: 'adapter-mismatch',
    adapter: use.name,
    adapterFamily: null,
    model: manifest.name,
    modelFamily: modelWords(manifest),
    detail,
  });
}

/** @throws FailureError `adapter-mismatch` for one without a place */
function report(adapter: ActiveAdapter, used: LayerCount, manifest: Manifest, emit: Job['emit']): void {
  const { textWeight, denoiserWeight, name } = adapter.use;
  const of = (isDenoiser: boolean) =>
    adapter.layers.filter(({ component }) => (component === 'denoiser') === isDenoiser).length;
  const denoiser = denoiserWeight === 0 ? 0 : of(true);
  const asked = { all: denoiser + (textWeight === 0 ? 0 : of(false)), denoiser };
  if (asked.all === used.all) return;
  const fault = withoutPlace(asked, used);
  if (fault !== null) throw mismatch(adapter, manifest, fault);
  const unused = asked.all - used.all;
  emit({
    kind: 'notice',
    notice: { code: 'adapter-partly-used', adapter: name, unused, layers: asked.all },
  });
}

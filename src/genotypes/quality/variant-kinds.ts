import { autosomes, chromosomes } from '../import/chromosome.ts'
import { type SexChromosomeKind, sexChromosomeKind } from '../sex-chromosomes.ts'
import type { KeyPlaces } from '../store/key-lines.ts'

/** A stretch of consecutive variants of one kind, `end` excluded. A store is sorted, so it has few. */
export interface KindRun {
  kind: SexChromosomeKind
  first: number
  end: number
}

/** Runs of some consecutive variants; `first` is the index of the first of them in the store. */
export function kindRuns(build: string, { rank, position }: KeyPlaces, first: number): KindRun[] {
  const runs: KindRun[] = []
  let last: KindRun | undefined
  for (let v = 0; v < position.length; v++) {
    const kind = rank[v] < autosomes ? 'autosome' : sexChromosomeKind(build, chromosomes[rank[v]], position[v])
    if (last?.kind === kind) last.end = first + v + 1
    else runs.push((last = { kind, first: first + v, end: first + v + 1 }))
  }
  return runs
}

/** Appends a run, joined to the last one where it continues it. */
export function appendRun(runs: KindRun[], run: KindRun): void {
  const last = runs.at(-1)
  if (last !== undefined && last.kind === run.kind && last.end === run.first) last.end = run.end
  else runs.push({ ...run })
}

/** Kind of each variant of [first, first + variants). */
export function kindsOf(runs: readonly KindRun[], first: number, variants: number): SexChromosomeKind[] {
  const kinds = Array.from({ length: variants }, (): SexChromosomeKind => 'autosome')
  for (const run of runs) {
    const from = Math.max(run.first, first)
    const end = Math.min(run.end, first + variants)
    for (let v = from; v < end; v++) kinds[v - first] = run.kind
  }
  return kinds
}

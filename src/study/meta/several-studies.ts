import { effectOf, poolStudies, type StudyData } from '../../association/index.ts'
import type { MergedVariant, MergeRules } from '../../genotypes/index.ts'
import { mergeSite } from '../../genotypes/index.ts'
import type { Cell, ColumnBatch, Host } from '../../host/host.ts'
import { exp } from '../../numerics/special.ts'
import { type MetaSummary, metaTable } from '../../results/meta.ts'
import { sayNumber } from '../../results/say.ts'
import type { GenotypeTable } from '../../statistics/exact/index.ts'
import {
  areSameCases,
  type CaseCounts,
  metaAnalysis,
  sameCaseCounts,
  signAgreement,
} from '../../statistics/meta/index.ts'
import { stratifiedTrend } from '../../statistics/stratified/index.ts'
import { type StudySite, type SummaryRow, studySites } from './summary-file.ts'

export interface StudyFile {
  name: string
  path: string
}

/** Rows are handed on so many at a time. */
const batchRows = 2048
/** Signs of shared people are looked for on variants this far apart, so that they are nearly independent. */
const apart = 100_000

/** What shows that two studies share people: variants far apart that both tested. */
interface Pair {
  a: number
  b: number
  effects: [number[], number[]]
  cases: [CaseCounts[], CaseCounts[]]
}

interface Ranked {
  negLog10P: number
  name: { variant: string; rsid: string; effectAllele: string }
  data: StudyData[]
}

/**
 * Meta-analysis of whole scans: sites are merged as cohorts' genotypes are (mergeSite): strand-ambiguous variants by the rules, SNVs with
 * exchanged alleles turned round, other strands left out. `append` receives the rows of the table. The lead is the variant with the smallest p of the exact trend over
 * studies where every study gives genotype counts, else of the common effect.
 */
export async function poolScans(
  files: readonly StudyFile[],
  options: { ambiguous: MergeRules['ambiguous'] },
  host: Host,
  signal: AbortSignal,
  append: (rows: ColumnBatch) => Promise<void>,
): Promise<MetaSummary> {
  const rules: MergeRules = { ambiguous: options.ambiguous, strand: 'drop', require: 'any' }
  const k = files.length
  const readers = files.map(({ path }) => studySites(path, host, signal))
  const sites: (StudySite | undefined)[] = await Promise.all(
    readers.map(async (r) => (await r.next()).value ?? undefined),
  )
  const variants = new Array<number>(k).fill(0)
  const leftOut: Record<string, number> = {}
  const pairs: Pair[] = []
  for (let a = 0; a < k; a++) for (let b = a + 1; b < k; b++) pairs.push({ a, b, effects: [[], []], cases: [[], []] })
  let [lastOrder, lastPosition] = [-1, 0]
  let [seen, pooled, tests] = [0, 0, 0]
  let everyCount = true
  let byExact: Ranked | undefined
  let byEffect: Ranked | undefined
  let batch = emptyBatch()
  const trends = new TrendMemo()
  try {
    for (;;) {
      const present = sites.filter((s) => s !== undefined)
      if (present.length === 0) break
      const order = Math.min(...present.map((s) => s.order))
      const position = Math.min(...present.filter((s) => s.order === order).map((s) => s.position))
      const here = sites.map((s) => (s !== undefined && s.order === order && s.position === position ? s.rows : []))
      for (let i = 0; i < k; i++)
        if (here[i].length > 0) {
          variants[i] += here[i].length
          sites[i] = (await readers[i].next()).value ?? undefined
        }
      const { merged, rows } = mergeSite(here, rules)
      for (const row of rows) if (row.action === 'dropped') leftOut[row.reason] = (leftOut[row.reason] ?? 0) + 1
      for (const variant of merged) {
        const data = oriented(variant, here, files)
        seen++
        const first = here.flatMap((list, i) => (variant.from[i].variant < 0 ? [] : [list[variant.from[i].variant]]))
        const { chromosome } = first[0]
        const rsid = first.find((row) => row.rsid !== '')?.rsid ?? ''
        const result = pool(data)
        if (result.studies > 0) tests++
        if (result.studies > 1) pooled++
        everyCount &&= data.every((d) => d === null || d.genotypes !== null)
        const cells = rowCells(result, data, trends)
        push(batch, { chromosome, position, ref: variant.ref, alt: variant.alt, rsid, ...cells })
        if (batch.chromosome.length === batchRows) {
          await append(batch)
          batch = emptyBatch()
        }
        const rank = (value: Cell, best: Ranked | undefined): Ranked | undefined =>
          typeof value === 'number' && value > (best?.negLog10P ?? -1)
            ? {
                negLog10P: value,
                name: {
                  variant: `${chromosome}:${position}:${variant.ref}:${variant.alt}`,
                  rsid,
                  effectAllele: variant.alt,
                },
                data: data.filter((d) => d !== null),
              }
            : best
        byExact = rank(cells.exact_neglog10p, byExact)
        byEffect = rank(cells.fixed_neglog10p, byEffect)
        if (order !== lastOrder || position - lastPosition >= apart) {
          ;[lastOrder, lastPosition] = [order, position]
          compare(pairs, data)
        }
      }
    }
  } finally {
    await Promise.all(readers.map((reader) => reader.return(undefined)))
  }
  if (batch.chromosome.length > 0) await append(batch)
  const exactRanks = everyCount && byExact !== undefined
  const best = exactRanks ? byExact : byEffect
  const warnings = pairs.flatMap((pair) => overlapOf(pair, files))
  const notes: string[] = []
  if (pooled === 0)
    notes.push(
      'No variant is in two studies: nothing was put together. Are the positions of one build, and the alleles of one strand?',
    )
  return {
    studies: files.map(({ name, path }, i) => ({ name, file: path, variants: variants[i] })),
    variants: seen,
    pooled,
    leftOut,
    rankedBy: exactRanks ? 'exact trend over studies' : 'one common effect, inverse variance',
    bonferroni: { tests, threshold: tests === 0 ? 0.05 : 0.05 / tests },
    lead: best === undefined ? null : poolStudies(best.name, best.data, warnings),
    warnings,
    notes,
  }
}

/** What each study has of a merged variant, for its alt; null where a study lacks it. */
function oriented(
  { from }: MergedVariant,
  here: readonly (readonly SummaryRow[])[],
  files: readonly StudyFile[],
): (StudyData | null)[] {
  return from.map(({ variant, exchange }, i) => {
    if (variant < 0) return null
    const { effect, genotypes: g, cases, controls } = here[i][variant]
    return {
      study: files[i].name,
      effect: effect && exchange ? { ...effect, estimate: -effect.estimate } : effect,
      genotypes:
        g && exchange
          ? {
              caseRef: g.caseAlt,
              caseHet: g.caseHet,
              caseAlt: g.caseRef,
              controlRef: g.controlAlt,
              controlHet: g.controlHet,
              controlAlt: g.controlRef,
            }
          : g,
      table: null,
      cases,
      controls,
    }
  })
}

interface PooledRow {
  /** Studies with an effect, given or made from counts. */
  studies: number
  directions: string
  analysis: ReturnType<typeof metaAnalysis> | null
}

function pool(data: readonly (StudyData | null)[]): PooledRow {
  // A study that could not fit a variant has no effect; its counts still enter the exact test.
  const effects = data.map((d) => (d === null ? null : d.genotypes === null ? (effectOf(d)?.effect ?? null) : d.effect))
  const known = effects.filter((e) => e !== null)
  return {
    studies: known.length,
    directions: effects.map((e) => (e === null || e.estimate === 0 ? '?' : e.estimate > 0 ? '+' : '-')).join(''),
    analysis: known.length === 0 ? null : metaAnalysis(known),
  }
}

const neglog10 = (logP: number): number => (logP === 0 ? 0 : -logP / Math.LN10)

function rowCells(
  { studies, directions, analysis }: PooledRow,
  data: readonly (StudyData | null)[],
  trends: TrendMemo,
) {
  const total = (of: (d: StudyData) => number | null): number | null => {
    const values = data.flatMap((d) => (d === null ? [] : [of(d)]))
    return values.includes(null) ? null : values.reduce<number>((a, b) => a + (b ?? 0), 0)
  }
  const tables = data.flatMap((d) => (d === null || d.genotypes === null ? [] : [d.genotypes]))
  const complete = data.every((d) => d === null || d.genotypes !== null)
  const exact = complete && tables.length > 0 ? trends.of(tables) : null
  const random = analysis === null || studies < 2 ? null : analysis.random.REML
  const knha = random?.hartungKnappModified ?? null
  return {
    studies,
    directions,
    n_cases: total((d) => d.cases),
    n_controls: total((d) => d.controls),
    fixed_or: analysis && exp(analysis.fixed.estimate),
    fixed_low: analysis && exp(analysis.fixed.low),
    fixed_high: analysis && exp(analysis.fixed.high),
    fixed_p: analysis && exp(analysis.fixed.logP),
    fixed_neglog10p: analysis && neglog10(analysis.fixed.logP),
    random_or: knha && exp(knha.estimate),
    random_low: knha && exp(knha.low),
    random_high: knha && exp(knha.high),
    random_p: knha && exp(knha.logP),
    random_neglog10p: knha && neglog10(knha.logP),
    tau2: random?.tau2 ?? null,
    i2: random === null ? null : (analysis?.heterogeneity.i2 ?? null),
    heterogeneity_p: random && analysis && exp(analysis.heterogeneity.logP),
    exact_p: exact?.p ?? null,
    exact_neglog10p: exact && neglog10(exact.logP),
    exact_midp: exact?.midp ?? null,
    exact_min_attainable_p: exact?.minAttainableP ?? null,
    status: studies > 1 ? 'ok' : studies === 1 ? 'one_study' : 'no_effect',
  }
}

/** Rare variants have the same counts again and again. */
class TrendMemo {
  readonly #found = new Map<string, ReturnType<typeof stratifiedTrend>>()

  of(tables: readonly GenotypeTable[]): ReturnType<typeof stratifiedTrend> {
    const key = tables
      .map((t) => `${t.caseRef} ${t.caseHet} ${t.caseAlt} ${t.controlRef} ${t.controlHet} ${t.controlAlt}`)
      .join()
    const known = this.#found.get(key)
    if (known !== undefined) return known
    const found = stratifiedTrend(tables)
    if (this.#found.size === mostRemembered) this.#found.clear()
    this.#found.set(key, found)
    return found
  }
}

const mostRemembered = 100_000

type Rows = Record<string, Cell[]>

const emptyBatch = (): Rows => Object.fromEntries(metaTable.columns.map(({ name }) => [name, [] as Cell[]]))

function push(batch: Rows, row: Record<string, Cell>): void {
  for (const { name } of metaTable.columns) batch[name].push(row[name])
}

function compare(pairs: readonly Pair[], data: readonly (StudyData | null)[]): void {
  for (const { a, b, effects, cases } of pairs) {
    const [x, y] = [data[a], data[b]]
    if (x === null || y === null) continue
    if (x.effect !== null && y.effect !== null) {
      effects[0].push(x.effect.estimate)
      effects[1].push(y.effect.estimate)
    }
    if (x.genotypes !== null && y.genotypes !== null) {
      cases[0].push([x.genotypes.caseRef, x.genotypes.caseHet, x.genotypes.caseAlt])
      cases[1].push([y.genotypes.caseRef, y.genotypes.caseHet, y.genotypes.caseAlt])
    }
  }
}

/** Lower limit of the correlation of two studies' estimates from which it is told. */
const toldCorrelation = 0.1

function overlapOf({ a, b, effects, cases }: Pair, files: readonly StudyFile[]): string[] {
  const pair = `${files[a].name} and ${files[b].name}`
  const same = sameCaseCounts(cases[0], cases[1])
  if (areSameCases(same))
    return [
      `${pair}: the cases have the very same genotype counts on ${same.identical} of ${same.variants} variants that a case carries. They are the same people, so this is one study, not two; leave one of them out.`,
    ]
  const signs = signAgreement(effects[0], effects[1])
  if (signs === null || !(signs.low > toldCorrelation)) return []
  return [
    `${pair}: effects point the same way on ${Math.round(100 * signs.agreement)}% of ${signs.variants} variants far apart, where half would be expected of different people (correlation ${sayNumber(signs.correlation)}, 95% limits ${sayNumber(signs.low)} to ${sayNumber(signs.high)}). They share people, or the same confounding; pooled p-values are too small.`,
  ]
}

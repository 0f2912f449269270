import type { Workshop } from '../compute/task.ts'
import { UpturnError } from '../errors/index.ts'
import { ldWithLead } from '../genotypes/ld/correlation.ts'
import type { GenotypeStore } from '../genotypes/store/reader.ts'
import { storeRegion } from '../genotypes/store/region.ts'
import { log } from '../numerics/special.ts'
import type { PValueColumn } from '../results/association.ts'
import type { GeneNear, Loci, Locus } from '../results/loci.ts'
import { credibleSet } from './credible-set.ts'
import type { Gene, GeneTable } from './genes.ts'
import { type AssociationRow, type Associations, associationRows } from './rows.ts'
import { locusSentence, rankingTest } from './sentence.ts'

export interface LociOptions {
  /** The statistic that ranks variants: `primary_p`, the primary test's p of one variant, which becomes `Locus.p`. */
  statistic: PValueColumn
  /** A lead is significant when this column is at or below alpha: the frozen primary test. */
  significant: { column: PValueColumn; alpha: number }
  /** Genome build of the study. */
  build: string
  /** Leads have p at or below this, or are family-wise significant; the best variant is a lead in any case. */
  candidateP: number
  maxLoci: number
  /** Variants within `clumpBases` of a lead and with r2 of at least `clumpR2` belong to it. */
  clumpR2: number
  clumpBases: number
  /** Half width of the region that is shown and fine-mapped. */
  regionBases: number
  /** Genes up to this far from a lead are listed. */
  geneBases: number
  /** Standard deviation of the prior on log OR for Bayes factors. */
  priorSd: number
}

export const lociDefaults = {
  candidateP: 1e-4,
  maxLoci: 10,
  clumpR2: 0.2,
  clumpBases: 250_000,
  regionBases: 250_000,
  geneBases: 500_000,
  priorSd: 1,
} as const

export interface LociSources {
  /** Rows of associations.parquet in their order; called twice. */
  associations: Associations
  store: GenotypeStore
  /** Cases and controls of the study, one bit a column of the store: LD is theirs. */
  people: Uint8Array
  /** Null where no table of genes was found. */
  genes: GeneTable | null
}

/** Candidates kept while reading; beyond this the weakest are dropped and a note says so. */
const candidateLimit = 20_000

/**
 * Independent loci: family-wise significant variants first, then from the smallest p on, the best variant left is a lead, and every candidate within `clumpBases` whose genotypes correlate
 * with it by r2 >= `clumpR2` in the study's own people joins it. Ties of p go to the larger Firth statistic, then to the order of the genome.
 *
 * Each locus has its region with r2 to the lead, the genes nearby (on the build of the gene table only; elsewhere a note says what cannot be done) and a
 * 95% credible set from Wakefield's Bayes factors, which assumes exactly one causal variant among those of the region.
 */
export async function findLoci(sources: LociSources, options: LociOptions, workshop: Workshop): Promise<Loci> {
  const { candidates, dropped } = await readCandidates(sources.associations, options, workshop.signal)
  const notes: string[] = []
  if (dropped > 0)
    notes.push(`${dropped} further variants with p <= ${options.candidateP} were too many to clump and were left out.`)
  const genes = sources.genes !== null && sources.genes.build === options.build ? sources.genes : null
  if (sources.genes === null) notes.push('The table of genes is missing: no genes are named.')
  else if (genes === null)
    notes.push(
      `Genes are annotated on ${sources.genes.build} and the study is on ${options.build}: no genes are named. Lift the genotypes over to ${sources.genes.build} to have them.`,
    )
  const clumps = await clump(candidates, sources, options, workshop)
  const regions = await readRegions(clumps, sources.associations, options, workshop.signal)
  const loci: Locus[] = []
  for (let i = 0; i < clumps.length; i++) {
    loci.push(await describe(clumps[i], regions[i], sources, genes, options, workshop.signal))
    workshop.progress('loci', (i + 1) / clumps.length)
  }
  if (loci.length === 0) notes.push('No variant has a p-value: there is no lead.')
  else if (loci[0].p > options.candidateP && !loci[0].significant)
    notes.push(`No variant has p <= ${options.candidateP}: the one locus shown is merely the smallest p.`)
  return { loci, rule: sayRule(options, sources.genes), notes }
}

interface Clump {
  lead: AssociationRow
  members: { key: string; r2: number; p: number; position: number }[]
}

const isSignificant = ({ decisive }: { decisive: number | null }, { significant }: LociOptions): boolean =>
  decisive !== null && decisive <= significant.alpha

/**
 * Family-wise significant variants come before all others: their p may belong to other label sets than the ranking p, and the primary test has
 * the word. Then by p, by Firth's statistic, by place.
 */
function order(options: LociOptions): (a: AssociationRow, b: AssociationRow) => number {
  const first = (row: AssociationRow): number =>
    options.significant.column === 'family_p' && isSignificant(row, options) ? 0 : 1
  return (a, b) =>
    first(a) - first(b) ||
    (b.negLog10P ?? 0) - (a.negLog10P ?? 0) ||
    (b.firthNegLog10P ?? 0) - (a.firthNegLog10P ?? 0) ||
    a.order - b.order
}

async function readCandidates(
  associations: Associations,
  options: LociOptions,
  signal: AbortSignal,
): Promise<{ candidates: AssociationRow[]; dropped: number }> {
  const kept: AssociationRow[] = []
  let best: AssociationRow | null = null
  let dropped = 0
  const better = order(options)
  const isCandidate = (row: { p: number | null; decisive: number | null }): boolean =>
    (row.p !== null && row.p <= options.candidateP) ||
    (options.significant.column === 'family_p' && isSignificant(row, options))
  /** Leaves the best ones, whatever the sizes of the batches. */
  const trim = (): void => {
    kept.sort(better)
    dropped += Math.max(0, kept.length - candidateLimit)
    kept.length = Math.min(kept.length, candidateLimit)
  }
  const rows = associationRows(
    associations,
    options.statistic,
    options.significant.column,
    (row) =>
      row.p !== null &&
      row.negLog10P !== null &&
      (isCandidate(row) || best === null || row.negLog10P >= (best.negLog10P ?? 0)),
  )
  for await (const batch of rows) {
    signal.throwIfAborted()
    for (const row of batch) {
      if (best === null || better(row, best) < 0) best = row
      if (isCandidate(row)) kept.push(row)
    }
    if (kept.length >= 2 * candidateLimit) trim()
  }
  trim()
  if (kept.length === 0 && best !== null) kept.push(best)
  return { candidates: kept, dropped }
}

async function clump(
  candidates: readonly AssociationRow[],
  { store, people }: LociSources,
  options: LociOptions,
  { signal }: Workshop,
): Promise<Clump[]> {
  const taken = new Set<string>()
  const clumps: Clump[] = []
  for (const lead of candidates) {
    if (clumps.length === options.maxLoci) break
    if (taken.has(lead.key)) continue
    taken.add(lead.key)
    const near = candidates.filter(
      (row) =>
        !taken.has(row.key) &&
        row.chromosome === lead.chromosome &&
        Math.abs(row.position - lead.position) <= options.clumpBases,
    )
    const members: Clump['members'] = []
    if (near.length > 0) {
      const low = Math.min(lead.position, ...near.map((row) => row.position))
      const high = Math.max(lead.position, ...near.map((row) => row.position))
      const r2 = await correlations(store, people, lead, low, high, signal)
      for (const row of near) {
        const value = r2.get(row.key) ?? 0
        if (value < options.clumpR2) continue
        taken.add(row.key)
        members.push({ key: row.key, r2: value, p: row.p as number, position: row.position })
      }
    }
    clumps.push({ lead, members })
  }
  return clumps
}

/** r2 with the lead of every variant from `start` to `end`; 0 where LD is not defined, 1 for the lead itself. */
async function correlations(
  store: GenotypeStore,
  people: Uint8Array,
  lead: AssociationRow,
  start: number,
  end: number,
  signal: AbortSignal,
): Promise<Map<string, number>> {
  const region = await storeRegion(store, lead.chromosome, start, end, signal)
  const at = region.index.get(lead.key)
  if (at === undefined)
    throw new UpturnError('Internal', `the variant ${lead.key} of the associations is not in the genotype store`)
  const r2 = await ldWithLead(store, at, region, people, signal)
  const found = new Map<string, number>()
  for (const [key, variant] of region.index) {
    const value = r2[variant - region.first]
    found.set(key, variant === at ? 1 : Number.isFinite(value) ? Math.min(1, value) : 0)
  }
  return found
}

async function readRegions(
  clumps: readonly Clump[],
  associations: Associations,
  options: LociOptions,
  signal: AbortSignal,
): Promise<AssociationRow[][]> {
  const regions: AssociationRow[][] = clumps.map(() => [])
  if (clumps.length === 0) return regions
  const isIn = (lead: AssociationRow, chromosome: string, position: number): boolean =>
    chromosome === lead.chromosome && Math.abs(position - lead.position) <= options.regionBases
  const rows = associationRows(
    associations,
    options.statistic,
    options.significant.column,
    ({ chromosome, position }) => clumps.some(({ lead }) => isIn(lead, chromosome, position)),
  )
  for await (const batch of rows) {
    signal.throwIfAborted()
    for (const row of batch)
      clumps.forEach(({ lead }, i) => {
        if (isIn(lead, row.chromosome, row.position)) regions[i].push(row)
      })
  }
  return regions
}

async function describe(
  { lead, members }: Clump,
  region: readonly AssociationRow[],
  { store, people }: LociSources,
  genes: GeneTable | null,
  options: LociOptions,
  signal: AbortSignal,
): Promise<Locus> {
  const start = Math.max(1, lead.position - options.regionBases)
  const end = lead.position + options.regionBases
  const r2 = await correlations(store, people, lead, start, end, signal)
  const near = genes === null ? [] : genesNear(genes, lead.chromosome, lead.position, options.geneBases)
  const estimates = region.flatMap((row) =>
    row.or === null || row.orSe === null || !(row.or > 0) ? [] : [{ key: row.key, beta: log(row.or), se: row.orSe }],
  )
  const positions = [lead.position, ...members.map((m) => m.position)]
  const locus: Omit<Locus, 'sentence'> = {
    lead: lead.key,
    chromosome: lead.chromosome,
    position: lead.position,
    ref: lead.ref,
    alt: lead.alt,
    rsid: lead.rsid,
    p: lead.p as number,
    negLog10P: lead.negLog10P as number,
    or: lead.or,
    orLow: lead.orLow,
    orHigh: lead.orHigh,
    orSe: lead.orSe,
    firthNegLog10P: lead.firthNegLog10P,
    counts: lead.counts,
    status: lead.status,
    flags: lead.flags,
    significant: isSignificant(lead, options),
    start: Math.min(...positions),
    end: Math.max(...positions),
    members: members.map(({ key, r2: value, p }) => ({ key, r2: value, p })),
    genes: near.map(({ near: gene }) => gene),
    region: {
      start,
      end,
      variants: region
        .filter((row) => row.negLog10P !== null)
        .map((row) => ({
          position: row.position,
          ref: row.ref,
          alt: row.alt,
          rsid: row.rsid,
          negLog10P: row.negLog10P as number,
          r2: r2.get(row.key) ?? 0,
        })),
      genes: near
        .filter(({ gene }) => gene.end >= start && gene.start <= end)
        .map(({ gene, near: nearest }) => ({ ...nearest, exons: gene.exons() }))
        .sort((a, b) => a.start - b.start || (a.symbol < b.symbol ? -1 : 1)),
    },
    credibleSet: credibleSet(estimates, options.priorSd, 0.95),
  }
  return { ...locus, sentence: locusSentence(locus, options) }
}

/** Genes around a position, nearest first; of several at one distance the shorter, then by symbol. */
function genesNear(
  table: GeneTable,
  chromosome: string,
  position: number,
  bases: number,
): { gene: Gene; near: GeneNear }[] {
  return table
    .within(chromosome, position - bases, position + bases)
    .map((gene) => ({
      gene,
      near: {
        symbol: gene.symbol,
        start: gene.start,
        end: gene.end,
        strand: gene.strand,
        distance: Math.max(0, gene.start - position, position - gene.end),
      },
    }))
    .sort(
      (a, b) =>
        a.near.distance - b.near.distance ||
        a.near.end - a.near.start - (b.near.end - b.near.start) ||
        (a.near.symbol < b.near.symbol ? -1 : 1),
    )
}

function sayRule(options: LociOptions, genes: GeneTable | null): string {
  const kb = (bases: number): string => `${bases / 1000} kb`
  return (
    `Leads by the p of the ${rankingTest(options)} with p <= ${options.candidateP}${options.significant.column === 'family_p' ? ' or family-wise significant (these first)' : ''}, at most ${options.maxLoci}, the best variant always; a candidate within ${kb(options.clumpBases)} and with r2 >= ${options.clumpR2} ` +
    `in the study's own people belongs to the lead. Region: ${kb(options.regionBases)} to each side. Genes: protein-coding${genes === null ? '' : `, ${genes.source}`}, up to ${kb(options.geneBases)} away. ` +
    `Credible sets: 95%, Wakefield's approximate Bayes factors from the Firth estimates, prior standard deviation of log OR ${options.priorSd}, one causal variant assumed.`
  )
}

import type { ChunkTask } from '../compute/task.ts'
import { hasBit } from '../genotypes/quality/scan.ts'
import { HeldView } from '../numerics/held-view.ts'
import { kernels } from '../numerics/kernels.ts'
import { exp } from '../numerics/special.ts'
import { fisherLog, prepareFisherLogs } from '../statistics/exact/fisher-logs.ts'
import { fisherTest, hardyWeinberg } from '../statistics/exact/index.ts'
import type { LabelScheme } from '../statistics/labels/index.ts'
import { type ChunkRows, emptyRows } from './chunk-rows.ts'
import type { ColumnFit } from './column-fit.ts'
import { CountMemo } from './count-memo.ts'
import { ExpectedQuantiles } from './expectation.ts'
import { FirthMemo, type FirthModel, FirthScan } from './firth-scan.ts'
import { FitMemo } from './fit-memo.ts'
import { flagBit, flagBits } from './flags.ts'
import { LinesTaken, strandAmbiguous } from './lines-taken.ts'
import { PersonDosages } from './person-dosages.ts'
import { type HowRowsAreSaid, type RowsText, rowsText } from './rows-text.ts'
import {
  blockReader,
  GenotypeCounter,
  population,
  type ScanBlock,
  type ScanChunk,
  type ScannedVariant,
  type ScanSetup,
  visitVariants,
} from './scan.ts'
import { FamilyTable, TrendTables } from './tables.ts'
import { WithinMemos, WithinScan, type WithinSetup } from './within-scan.ts'

export interface RowsSetup {
  scan: ScanSetup
  /** Cases first: labels by person, and bits. */
  cases: Uint8Array
  bits: Int32Array
  females: Uint8Array
  casePlane: Uint8Array
  /** The first family; null without label sets still serves `unreachable`. */
  scheme: LabelScheme
  firth: FirthModel
  /** With sex among the covariates: for X. Equal to `firth` where it is there already. */
  firthX: FirthModel
  /** The sets within which a matched design is tested; null where it is not matched. */
  within: WithinSetup | null
  /** Every row, or only those whose exact trend p is below 0.05. */
  fit: 'every' | 'screened'
  /** log of the p below which a variant is significant: what cannot reach it is unreachable. */
  logThreshold: number
  callRate: number
  sourceConfounded: boolean
  /** Bit a variant of the store: controls of different sources differ; null when none does. */
  sourcesDiffer: Uint8Array | null
  /** Bit a variant of the store: some cohort lacks it; null where none does. */
  partial: Uint8Array | null
  /** Bit a variant of the store: tested, and the first of its identical columns. */
  distinct: Uint8Array
  said: HowRowsAreSaid
}

/** A chunk's rows as text, and of each what the summary counts. */
export interface RowsResult
  extends RowsText,
    Pick<ChunkRows, 'index' | 'inheritance' | 'status' | 'flags' | 'family' | 'familyMid' | 'familyLeast' | 'firth'>,
    Pick<ChunkRows, 'rows' | 'expected' | 'forbidden' | 'ladders'> {}

/** log p below which `fit: screened` fits: 0.05. */
const screenBelow = -2.995732273553991

/** Tests of tables met before, kept from chunk to chunk. */
class TablesMet {
  readonly trend: TrendTables
  /** Of the totals n0, n1, n2 and the cases' counts. */
  readonly fisher = new CountMemo(6, (n0, n1, n2, ref, het, alt) =>
    fisherLog(ref, het, alt, n0 - ref, n1 - het, n2 - alt),
  )
  readonly hwe = new CountMemo(3, (ref, het, alt) => exp(hardyWeinberg(ref, het, alt).logP))
  readonly missing = new CountMemo(
    4,
    (caseWith, caseWithout, controlWith, controlWithout) =>
      fisherTest({ caseWith, caseWithout, controlWith, controlWithout }).logP,
  )
  /** log p and mid-p in the family, and the smallest attainable. */
  readonly family: FitMemo
  readonly firth: FirthMemo
  readonly firthX: FirthMemo
  readonly within: WithinMemos | null

  constructor(setup: RowsSetup) {
    prepareFisherLogs()
    this.within = setup.within && new WithinMemos(setup.within, setup.scan.words)
    this.trend = new TrendTables(population(setup.scan.included))
    this.family = new FitMemo(4 * setup.scan.words, 3)
    this.firth = new FirthMemo(setup.scan.words, setup.bits.length)
    this.firthX = new FirthMemo(setup.scan.words, setup.bits.length)
  }
}

/** One chunk's rows over blocks in memory. */
function scanRows(setup: RowsSetup, blocks: readonly ScanBlock[], met: TablesMet): ChunkRows {
  const k = kernels()
  return k.scope(() => {
    const { words, included, males } = setup.scan
    const people = population(included)
    const and = (a: Uint8Array, b: Uint8Array) => a.map((v, i) => v & b[i])
    const controlPlane = included.map((v, i) => v & ~setup.casePlane[i])
    const counter = new GenotypeCounter(words, [
      setup.casePlane,
      controlPlane,
      and(controlPlane, setup.females),
      and(setup.casePlane, males),
      and(controlPlane, males),
    ])
    const maleCount = population(males)
    const { trend } = met
    const table = new FamilyTable(setup.scheme, setup.bits, words, trend)
    const capacity = blocks.reduce((sum, b) => sum + b.places.rank.length, 0)
    const r = emptyRows(capacity)
    const lines = new LinesTaken(blocks)
    const takeFit = (at: number, fit: ColumnFit) => {
      if (fit.ladder !== '') r.ladders.push({ index: r.index[at], trace: fit.ladder })
      if (fit.outcome < 2) {
        r.status[at] = fit.outcome === 0 ? 2 : 3
        return
      }
      r.firth[at] = fit.logP
      r.beta[at] = fit.beta
      r.se[at] = fit.standardError
      r.low[at] = fit.low
      r.high[at] = fit.high
      r.limits[at] = fit.limits
      if (Number.isNaN(fit.low) || Number.isNaN(fit.high)) r.status[at] = 4
    }
    const fitted = { cases: setup.cases, bits: setup.bits, words }
    const firth = new FirthScan(fitted, setup.firth, met.firth, takeFit)
    const firthX =
      setup.firthX.columns.length === setup.firth.columns.length
        ? firth
        : new FirthScan(fitted, setup.firthX, met.firthX, takeFit)
    const within =
      setup.within &&
      met.within &&
      new WithinScan(setup.within, { words, bits: setup.bits, cases: setup.cases }, met.within)
    const everyone = k.put(included)
    const digestAt = k.allocate(16)
    const digests = new HeldView(() => k.u32(digestAt, 3))
    const { maleCopies } = setup.scan
    const dosages = new PersonDosages(words, setup.bits, males, maleCopies)
    const expected = new ExpectedQuantiles(trend)
    const visit = ({ index, block, row, inheritance, record, column }: ScannedVariant) => {
      const at = r.rows++
      r.index[at] = index
      lines.add(block, row)
      r.inheritance[at] = inheritance
      const [ca, co, femaleControls, maleCases, maleControls] = counter.count(record)
      const sexed = inheritance === 1 || inheritance === 2
      for (let g = 0; g < 3; g++) {
        r.counts[10 * at + g] = ca[g]
        r.counts[10 * at + 3 + g] = co[g]
      }
      // Where a man's allele counts once, a hemizygous man stands among the heterozygous.
      const hemizygous = inheritance === 1 ? maleCopies : 2
      if (sexed)
        r.counts.set([maleCases[0], maleCases[hemizygous], maleControls[0], maleControls[hemizygous]], 10 * at + 6)
      const c = ca[0] + ca[1] + ca[2]
      const n0 = ca[0] + co[0]
      const n1 = ca[1] + co[1]
      const n2 = ca[2] + co[2]
      const called = n0 + n1 + n2
      if (sexed) r.forbidden += people - called - missingCalls(block.genotypes, row, included)
      const eligible = inheritance === 2 ? maleCount : people
      r.callRate[at] = eligible === 0 ? 0 : called / eligible
      // On X a male counts one allele, on Y only males count, one each.
      const maleAlt = maleCases[hemizygous] + maleControls[hemizygous]
      const maleCalled = maleCases[0] + maleControls[0] + maleAlt
      const alleles = inheritance === 0 ? 2 * called : inheritance === 1 ? 2 * called - maleCalled : called
      const copies = inheritance === 0 ? n1 + 2 * n2 : inheritance === 1 ? n1 + 2 * n2 - (maleCopies - 1) * maleAlt : n2
      const dosed = dosages.of(block, row, inheritance)
      r.maf[at] =
        dosed === undefined ? minorFrequency(copies, alleles) : minorFrequency(dosed.altAlleles, dosed.alleles)
      const hwe = inheritance === 1 ? femaleControls : co
      r.hweP[at] = inheritance >= 2 ? Number.NaN : met.hwe.get(hwe[0], hwe[1], hwe[2])
      const missingCases = setup.cases.length === people ? ca[3] : 0
      const casesMissing = inheritance === 2 ? maleCases[3] : missingCases
      const controlsMissing = inheritance === 2 ? maleControls[3] : co[3]
      const differential =
        casesMissing + controlsMissing === 0 ? 0 : met.missing.get(casesMissing, c, controlsMissing, called - c)
      r.flags[at] = flagBits({
        hwe: r.hweP[at],
        differentialMissingness: differential,
        strandAmbiguous: strandAmbiguous(block, row),
        lowCallRate: r.callRate[at] < setup.callRate,
        sourceConfounded: setup.sourceConfounded,
        oneGroup: ca[1] + ca[2] === 0 || co[1] + co[2] === 0 || ca[0] + ca[1] === 0 || co[0] + co[1] === 0,
        groupUncalled: c === 0 || c === called,
      })
      if (setup.sourcesDiffer !== null && hasBit(setup.sourcesDiffer, index))
        r.flags[at] |= flagBit.control_sources_differ
      if (setup.partial !== null && hasBit(setup.partial, index)) r.flags[at] |= flagBit.not_in_every_cohort
      if (dosed !== undefined) r.flags[at] |= flagBit.dosage
      const t = ca[1] + 2 * ca[2]
      if (within === null) {
        const exact = trend.get(n0, n1, n2, c)
        r.trend[at] = exact.logP[t]
        r.trendMid[at] = exact.logMidp[t]
        r.leastP[at] = exp(exact.least)
        r.fisher[at] = met.fisher.get(n0, n1, n2, ca[0], ca[1], ca[2])
      } else {
        const tests = within.row(record)
        r.trend[at] = tests.trend
        r.trendMid[at] = tests.trendMid
        r.leastP[at] = exp(tests.least)
        r.fisher[at] = tests.fisher
        r.flags[at] |= flagBit.within_matched_sets | (tests.alike ? flagBit.alike_within_sets : 0)
      }
      if (Math.max(n0, n1, n2) === called) {
        r.status[at] = 0
        return
      }
      if (sexed && !setup.scan.sexKnown) {
        r.status[at] = 1
        return
      }
      const counted = maleCopies === 2 && hasBit(setup.distinct, index)
      if (counted && table.uniform) expected.add(n0, n1, n2, c)
      // The digest is that of the mirror image too, whose numbers have other last digits: a slot for each.
      k.call.labelsDigest(record, words, everyone, digestAt)
      const digest = digests.now[0] ^ digests.now[2]
      let family: ArrayLike<number> | undefined
      if (table.uniform) {
        const { logP, logMidp, least } = trend.get(n0, n1, n2, c)
        family = [logP[t], logMidp[t], least]
      } else {
        // One that is counted among the expected quantiles is made for them too.
        family = counted ? undefined : met.family.find(digest, column)
        if (family === undefined) {
          family = table.outcome(record, c, t, counted ? expected : null)
          met.family.keep(digest, column, family)
        }
      }
      r.family[at] = family[0]
      r.familyMid[at] = family[1]
      r.familyLeast[at] = family[2]
      r.status[at] = family[2] > setup.logThreshold ? 5 : 6
      if (
        dosed === undefined
          ? (r.flags[at] & flagBit.one_group_uncalled) !== 0
          : !inBothGroups(dosed.copies, setup.cases)
      )
        return
      if (setup.fit === 'screened' && !(r.trend[at] < screenBelow)) {
        r.flags[at] |= flagBit.firth_screened_out
        return
      }
      if (within !== null)
        takeFit(at, dosed === undefined ? within.calls(record, column, digest) : within.dosages(dosed))
      else {
        const scan = inheritance === 1 ? firthX : firth
        if (dosed === undefined) scan.calls(at, column, digest)
        else scan.dosages(at, dosed)
      }
    }
    visitVariants(setup.scan, blocks, visit)
    firth.finish()
    firthX.finish()
    r.ladders.sort((a, b) => a.index - b.index)
    return { ...r, lines: lines.taken(), expected: expected.total() }
  })
}

/** Missing calls of the people of a plane at one variant of a block, as the store has them. */
function missingCalls(genotypes: Uint8Array, row: number, included: Uint8Array): number {
  const plane = included.length
  const low = 2 * plane * row
  let missing = 0
  for (let i = 0; i < plane; i++)
    for (let bits = genotypes[low + i] & genotypes[low + plane + i] & included[i]; bits !== 0; bits &= bits - 1)
      missing++
  return missing
}

function minorFrequency(copies: number, alleles: number): number {
  return alleles === 0 ? 0 : Math.min(copies, alleles - copies) / alleles
}

/** Some case and some control has a number. */
function inBothGroups(copies: Float64Array, cases: Uint8Array): boolean {
  let groups = 0
  for (let i = 0; i < copies.length; i++) if (!Number.isNaN(copies[i])) groups |= cases[i] === 1 ? 1 : 2
  return groups === 3
}

export const rowsTask: ChunkTask<RowsSetup, ScanChunk, RowsResult> = {
  name: 'association/rows',
  async prepare(setup, host) {
    const read = blockReader(host, setup.scan.store, true)
    const met = new TablesMet(setup)
    return async (chunk, signal, spare) => {
      const r = scanRows(setup, await read(chunk, signal), met)
      const { rows, expected, forbidden, ladders } = r
      return {
        ...{ rows, expected, forbidden, ladders },
        index: r.index.slice(0, rows),
        inheritance: r.inheritance.slice(0, rows),
        status: r.status.slice(0, rows),
        flags: r.flags.slice(0, rows),
        family: r.family.slice(0, rows),
        familyMid: r.familyMid.slice(0, rows),
        familyLeast: r.familyLeast.slice(0, rows),
        firth: r.firth.slice(0, rows),
        ...rowsText(r, setup.said, setup.scan.maleCopies, spare),
      }
    }
  },
  transfer: (r) => {
    const numbers = [r.index, r.inheritance, r.status, r.flags, r.family, r.familyMid, r.familyLeast, r.firth]
    return [...numbers, r.familyWise, r.lines, ...(r.ssf === null ? [] : [r.ssf])].map(
      ({ buffer }) => buffer as ArrayBuffer,
    )
  },
  spare: ({ lines }) => lines.buffer,
}

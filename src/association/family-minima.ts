import type { Workshop } from '../compute/task.ts'
import { LabelSets } from '../statistics/labels/index.ts'
import { clopperPearsonInterval } from '../statistics/proportions/index.ts'
import type { MaskFamily, SealedDesign } from './design.ts'
import { type MinimaResult, minimaTask } from './minima-task.ts'
import { type ScanChunk, type ScanSetup, scanChunks } from './scan.ts'

/** The replicates' minima of one family, log p, ascending. */
export class FamilyMinima {
  readonly sorted: Float64Array

  constructor(minima: Float64Array) {
    this.sorted = minima.slice().sort()
  }

  get sets(): number {
    return this.sorted.length
  }

  /** Replicates whose minimum is as small as this log p; equal within rounding counts. */
  asSmall(logP: number): number {
    const limit = logP + 1e-11 * Math.max(1, Math.abs(logP))
    let low = 0
    let high = this.sorted.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.sorted[middle] <= limit) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Single-step Westfall-Young: (b + 1) / (m + 1). */
  familyP(logP: number): number {
    return (this.asSmall(logP) + 1) / (this.sets + 1)
  }

  /** Limits of the probability that `familyP` estimates. */
  limits(logP: number): [number, number] {
    const { low, high } = clopperPearsonInterval(this.asSmall(logP), this.sets)
    return [low, high]
  }

  /** log p below which the family-wise p is at most alpha; -Infinity when no p can be with so few sets. */
  logThreshold(alpha: number): number {
    const allowed = Math.floor(alpha * (this.sets + 1) + 1e-9) - 1
    return allowed < 0 ? Number.NEGATIVE_INFINITY : this.sorted[Math.min(allowed, this.sets - 1)]
  }
}

export interface FamilyRequest {
  family: MaskFamily
  /** Label sets first .. first + count - 1 of `purpose` (the family's own unless given). */
  first: number
  count: number
  purpose?: string
}

export interface MinimaScan {
  minima: Float64Array[]
  skipped: number[]
  best: MinimaResult['best']
}

/** Scans the store for the minima of some families' label sets; `each` sees every chunk's result in order. */
export async function scanFamilies(
  design: SealedDesign,
  scan: ScanSetup,
  requests: readonly FamilyRequest[],
  options: { observed: Uint8Array | null; label: string; skip?: boolean; each?: (result: MinimaResult) => void },
  workshop: Workshop,
): Promise<MinimaScan> {
  const families = requests.map(({ family, first, count, purpose }) => ({
    scheme: family.scheme,
    bits: design.bits,
    planes: new LabelSets(family.scheme).planes(
      design.seed,
      purpose ?? family.purpose,
      first,
      count,
      design.bits,
      design.words,
    ),
  }))
  const minima = requests.map(({ count }) => new Float64Array(count))
  const skipped = requests.map(() => 0)
  const best = requests.map(() => ({ index: -1, logP: 0 }))
  const skip = options.skip ?? true
  const pass = async (chunks: readonly ScanChunk[], ceilings: Float64Array[] | null) => {
    const setup = { scan, families, observed: options.observed, skip, ceilings }
    for await (const result of workshop.run(minimaTask, setup, chunks, { label: options.label })) {
      result.minima.forEach((part, f) => {
        for (let r = 0; r < part.length; r++) if (part[r] < minima[f][r]) minima[f][r] = part[r]
      })
      result.skipped.forEach((count, f) => {
        skipped[f] += count
      })
      result.best.forEach((one, f) => {
        if (one.index >= 0 && (best[f].index < 0 || one.logP < best[f].logP)) best[f] = one
      })
      options.each?.(result)
    }
  }
  const chunks = scanChunks(design.storeVariants)
  if (!skip) await pass(chunks, null)
  // What the first chunks find leaves little to look up in the others.
  for (let from = 0, to = 1; skip && from < chunks.length; from = to, to *= 8)
    await pass(chunks.slice(from, to), from > 0 ? minima.map((m) => m.slice()) : null)
  return { minima, skipped, best }
}

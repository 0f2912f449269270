import type { Workshop } from '../../compute/task.ts'
import { blockGroups } from '../../genotypes/quality/scan.ts'
import type { StoreHeader } from '../../genotypes/store/layout.ts'
import { type Labels, personPlane, type SealedDesign } from '../design.ts'
import { scanSetup } from '../scan.ts'
import { exactTask } from './task.ts'

export interface ExactCounts {
  cases: number
  controls: number
  variants: number
  /** Variants at which one genotype alone was seen. */
  monomorphic: number
}

/**
 * Exact tests on the table of cases and controls by genotype, of every variant of a store in one pass: the trend with its mid-p and the
 * smallest p that any relabelling reaches, and Fisher's 2 x 3 test. No covariates and no label sets. `onLines` is given lines of
 * `exactTable`, in the order of the store; their bytes may be overwritten once the promise is kept.
 */
export async function exactScan(
  design: SealedDesign,
  labels: Labels,
  { folder, header }: { folder: string; header: StoreHeader },
  workshop: Workshop,
  onLines: (lines: Uint8Array) => Promise<void>,
): Promise<ExactCounts> {
  const setup = {
    scan: scanSetup(folder, design, null),
    cases: personPlane(design, (i) => labels.cases[i] === 1),
    controls: personPlane(design, (i) => labels.cases[i] === 0),
  }
  let variants = 0
  let monomorphic = 0
  for await (const part of workshop.run(exactTask, setup, blockGroups(header), { label: 'testing' })) {
    variants += part.variants
    monomorphic += part.monomorphic
    await onLines(part.lines)
  }
  return { cases: design.cases, controls: design.people.length - design.cases, variants, monomorphic }
}

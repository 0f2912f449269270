import type { AssociationStatus } from './association.ts'

export interface GeneNear {
  symbol: string
  start: number
  end: number
  strand: '+' | '-'
  /** 0 inside the gene. Base pairs. */
  distance: number
}

export interface RegionVariant {
  position: number
  ref: string
  alt: string
  rsid: string
  negLog10P: number
  /** LD r2 with the lead, in the study's own people. */
  r2: number
}

export interface Locus {
  /** Variant key of the lead. */
  lead: string
  chromosome: string
  position: number
  ref: string
  alt: string
  rsid: string
  p: number
  negLog10P: number
  /** Firth; null where the fit failed (`status` says why). */
  or: number | null
  orLow: number | null
  orHigh: number | null
  /** Standard error of log OR, ordinary information. */
  orSe: number | null
  firthNegLog10P: number | null
  /** Cases and controls with 0, 1 and 2 copies of alt. */
  counts: [number, number, number, number, number, number]
  status: AssociationStatus
  flags: string
  significant: boolean
  start: number
  end: number
  /** Keys of the variants clumped under the lead. */
  members: { key: string; r2: number; p: number }[]
  genes: GeneNear[]
  region: { start: number; end: number; variants: RegionVariant[]; genes: (GeneNear & { exons: [number, number][] })[] }
  /** 95% credible set by approximate Bayes factors from the Firth estimates, one causal variant assumed. */
  credibleSet: { key: string; posterior: number }[]
  sentence: string
}

/** `loci.json`: best first. */
export interface Loci {
  loci: Locus[]
  rule: string
  notes: string[]
}

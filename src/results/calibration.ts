export interface Rate {
  /** Minor-allele-count bin, inclusive: '1-5', '6-20', ... or 'all'. */
  bin: string
  alpha: number
  rate: number
  /** 95% interval over replicates. */
  low: number
  high: number
  variants: number
  replicates: number
}

/** `calibration.json`: null replicates on the sealed design, made before labels are joined to genotypes. */
export interface Calibration {
  replicates: number
  design: {
    people: number
    cases: number
    strata: number
    covariates: string[]
    masks: string
    /** Null labels were drawn within matched sets, and the tests are their forms within them. */
    matched?: boolean
    /** Made before any phenotype existed: cases are a number, drawn from everybody. */
    blind?: boolean
  }
  /** Type I error of every test: the trend under the study's own label sets, those of the bare table, 'firth_p' last. */
  tests: {
    test: string
    rates: Rate[]
    verdict: 'calibrated' | 'conservative' | 'anti-conservative' | 'uncertain' | 'untested'
    sentence: string
  }[]
  /** Family-wise error of the primary test at alpha: binomial over replicates. */
  familywise: {
    alpha: number
    errors: number
    replicates: number
    rate: number
    low: number
    high: number
    /** 'uncertain': the interval holds alpha but is too wide to tell. */
    verdict: 'calibrated' | 'conservative' | 'anti-conservative' | 'uncertain'
  }
  /** Power of the frozen primary at odds ratios, for minor allele frequencies. */
  power: { or: number; maf: number; power: number; low: number; high: number }[]
  primary: { test: string; alpha: number; rule: string }
  /** The test to name primary on this design, null where none can be, and why. */
  recommendation?: { test: 'family' | 'firth' | null; sentence: string }
  /** What was not tested and why (confounding without phenotypes, ...). */
  notes: string[]
  sentence: string
}

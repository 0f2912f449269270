import { requireCounts } from './counts.ts'

/** Called people by genotype and group: 0, 1 and 2 copies of the tested allele (ref, het, alt). Whole numbers. */
export interface GenotypeTable {
  caseRef: number
  caseHet: number
  caseAlt: number
  controlRef: number
  controlHet: number
  controlAlt: number
}

/** A 2 x 2 table: cases and controls with and without something. Whole numbers. */
export interface TwoByTwoTable {
  caseWith: number
  caseWithout: number
  controlWith: number
  controlWithout: number
}

/** What every exact test says. Where the margins leave one outcome only, p is 1 and mid-p one half. */
export interface ExactResult {
  p: number
  logP: number
  /** p less half the probability of the outcomes tied with the observed one. */
  midp: number
  logMidp: number
  /** The smallest p that any relabelling can reach. */
  minAttainableP: number
  logMinAttainableP: number
}

/** Totals by genotype and the number of cases. */
export function margins(table: GenotypeTable): { n0: number; n1: number; n2: number; cases: number } {
  const { caseRef, caseHet, caseAlt, controlRef, controlHet, controlAlt } = table
  requireCounts(caseRef, caseHet, caseAlt, controlRef, controlHet, controlAlt)
  return {
    n0: caseRef + controlRef,
    n1: caseHet + controlHet,
    n2: caseAlt + controlAlt,
    cases: caseRef + caseHet + caseAlt,
  }
}

/** Alleles instead of people: assumes Hardy-Weinberg proportions to be a test. */
export function allelicTable(table: GenotypeTable): TwoByTwoTable {
  return {
    caseWith: table.caseHet + 2 * table.caseAlt,
    caseWithout: table.caseHet + 2 * table.caseRef,
    controlWith: table.controlHet + 2 * table.controlAlt,
    controlWithout: table.controlHet + 2 * table.controlRef,
  }
}

/** Carriers of one or two copies against the others. */
export function dominantTable(table: GenotypeTable): TwoByTwoTable {
  return {
    caseWith: table.caseHet + table.caseAlt,
    caseWithout: table.caseRef,
    controlWith: table.controlHet + table.controlAlt,
    controlWithout: table.controlRef,
  }
}

/** Carriers of two copies against the others. */
export function recessiveTable(table: GenotypeTable): TwoByTwoTable {
  return {
    caseWith: table.caseAlt,
    caseWithout: table.caseRef + table.caseHet,
    controlWith: table.controlAlt,
    controlWithout: table.controlRef + table.controlHet,
  }
}

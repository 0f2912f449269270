import type { TableSchema } from '../host/host.ts'
import { integer, number, text } from './columns.ts'
import type { KinshipPair } from './genotypes.ts'

// Tables that describe genotypes without a study: what `upturn quality`, `kinship`, `pca` and `ld` write.

/** The columns that name a variant. */
const key = [text('chromosome'), integer('position'), text('ref'), text('alt'), text('rsid')]

/** `variants`: one row a variant, by position. */
export const variantCountsTable: TableSchema = {
  name: 'variants',
  key: ['chromosome', 'position', 'ref', 'alt'],
  columns: [
    ...key,
    integer('hom_ref'),
    integer('het'),
    integer('hom_alt'),
    integer('missing'),
    // Of hom_ref and hom_alt, people with one copy of the chromosome; null on autosomes.
    integer('hemizygous_ref'),
    integer('hemizygous_alt'),
    number('alt_frequency'),
    number('missing_rate'),
    number('hwe_p'),
    number('hwe_neglog10p'),
    number('hwe_midp'),
  ],
}

/** One row a pair of `kinship`. */
export interface KinshipRow {
  sample_a: string
  sample_b: string
  /** Variants at which both are called. */
  variants: number
  /** Of these, both heterozygous, and opposite homozygotes (no allele shared). */
  both_het: number
  ibs0: number
  /** Null where one of the two has no heterozygous call. */
  kinship: number | null
  relationship: KinshipPair['relationship'] | 'unrelated'
}

/** `kinship`: in blocks of 512 x 512 people. */
export const kinshipTable: TableSchema = {
  name: 'kinship',
  key: ['sample_a', 'sample_b'],
  columns: [
    text('sample_a'),
    text('sample_b'),
    integer('variants'),
    integer('both_het'),
    integer('ibs0'),
    number('kinship'),
    text('relationship'),
  ],
}

/** One row a person of `samples`. */
export interface SampleCounts {
  sample: string
  recorded_sex: 'female' | 'male' | null
  genetic_sex: 'female' | 'male' | 'unknown'
  /** Variants on autosomes, X and the pseudoautosomal regions, and those without a call. */
  variants: number
  missing: number
  missing_rate: number | null
  autosomal_calls: number
  autosomal_het: number
  /** Inbreeding coefficient by autosomal heterozygosity; on X, relative to it. */
  f: number | null
  x_f: number | null
  y_missing_rate: number | null
}

export const sampleCountsTable: TableSchema = {
  name: 'samples',
  key: ['sample'],
  columns: [
    text('sample'),
    text('recorded_sex'),
    text('genetic_sex'),
    integer('variants'),
    integer('missing'),
    number('missing_rate'),
    integer('autosomal_calls'),
    integer('autosomal_het'),
    number('f'),
    number('x_f'),
    number('y_missing_rate'),
  ],
}

/** `ld`: one row a pair of variants. */
export const ldTable: TableSchema = {
  name: 'ld',
  key: ['chromosome', 'position_a', 'ref_a', 'alt_a', 'position_b', 'ref_b', 'alt_b'],
  columns: [
    text('chromosome'),
    integer('position_a'),
    text('ref_a'),
    text('alt_a'),
    text('rsid_a'),
    integer('position_b'),
    text('ref_b'),
    text('alt_b'),
    text('rsid_b'),
    // People called at both.
    integer('people'),
    // Of copies of alt, or of haplotypes where these are asked for.
    number('r'),
    number('r2'),
    number('d_prime'),
  ],
}

const componentNames = (components: number) => Array.from({ length: components }, (_, c) => `pc${c + 1}`)

/** `eigenvec`: one row a person, components of unit variance over those who define them. */
export const eigenvecTable = (components: number): TableSchema => ({
  name: 'eigenvec',
  key: ['sample'],
  columns: [text('sample'), ...componentNames(components).map(number), { name: 'outlier', type: 'boolean' }],
})

/** `eigenval`: one row a component. */
export const eigenvalTable: TableSchema = {
  name: 'eigenval',
  key: ['component'],
  columns: [
    integer('component'),
    number('eigenvalue'),
    // Share of the trace of the covariance.
    number('explained'),
    // Stands out from noise with all before it (Tracy-Widom, 5%).
    { name: 'informative', type: 'boolean' },
    number('stability'),
    number('shrinkage'),
  ],
}

/** `loadings`: one row a variant; what is needed to project other people. */
export const loadingsTable = (components: number): TableSchema => ({
  name: 'loadings',
  key: ['chromosome', 'position', 'ref', 'alt'],
  columns: [...key, number('alt_frequency'), ...componentNames(components).map(number)],
})

/** `projected`: one row a person placed on the components of a reference. */
export const projectedTable = (components: number): TableSchema => ({
  name: 'projected',
  key: ['sample'],
  // variants: those of the reference at which the person is called.
  columns: [text('sample'), integer('variants'), ...componentNames(components).map(number)],
})

/** `pca.json`: what the tables of a result need to be used as a reference. */
export interface ComponentsSummary {
  build: string
  people: number
  components: number
  informative: number
  variants: number
  outliers: string[]
  /** How people and variants were chosen, in words. */
  rules: string[]
}

import { z } from 'zod'
import {
  dateStyles,
  type LayoutName,
  layoutNames,
  type PatientColumn,
  type Strictness,
  strictnessLevels,
  tableEncodings,
} from '../clinical/index.ts'
import { isUpturnError } from '../errors/index.ts'
import { filtersOf, parseRegion } from '../genotypes/index.ts'
import { type AlsfrsItem, alsfrsItems } from '../results/clinical.ts'

const patientColumns: readonly PatientColumn[] = [
  'patient',
  'sample',
  'sex',
  'age_at_onset',
  'age_at_entry',
  'onset_site',
  'onset_day',
  'diagnosis_day',
  'death_day',
  'onset_date',
  'diagnosis_date',
  'death_date',
  'birth_date',
  'el_escorial',
  'riluzole',
  'dna_source',
  'mimic',
  'known_mutation',
]

/** Builds whose pseudo-autosomal regions are known. Genes are annotated on GRCh38. */
export const builds = ['GRCh38', 'GRCh37', 'NCBI36', 'NCBI35'] as const

const files = z
  .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
  .describe('one path, or a list with one file a chromosome; relative to the study file')

export const genotypeFormats = ['vcf', 'bcf', 'bed', 'pgen', 'bgen'] as const
export type StudyGenotypeFormat = (typeof genotypeFormats)[number]

/** Filters as the study file calls them. */
const filterNames = {
  keep_filtered: 'keepFiltered',
  min_gq: 'minGq',
  min_dp: 'minDp',
  allele_balance: 'alleleBalance',
} as const

const share = z.number().min(0).max(1)

const genotypes = z
  .strictObject({
    vcf: files.optional(),
    bcf: files.optional(),
    bed: files.optional(),
    pgen: files.optional(),
    bgen: files.optional(),
    ref: z
      .enum(['first', 'last'])
      .optional()
      .describe('for bgen, which does not say it: the allele that is the reference; UK Biobank: first'),
    sample: files
      .optional()
      .describe('for bgen: the .sample file, or one for each BGEN file; by default the one beside it by the same name'),
    build: z.enum(builds).describe('reference assembly of the positions'),
    regions: z
      .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
      .optional()
      .describe('only records that overlap these: a list such as [chr1:1000-2000, chrX], or the path of a BED file'),
    samples: z.string().min(1).optional().describe('only these people: path of a file with one id a line'),
    filters: z
      .strictObject({
        keep_filtered: z.boolean().optional().describe('keep records whose FILTER is neither PASS nor missing'),
        min_gq: z
          .int()
          .min(1)
          .max(1_000_000)
          .optional()
          .describe('calls with a lower genotype quality (GQ) are missing'),
        min_dp: z.int().min(1).max(1_000_000).optional().describe('calls with a lower read depth (DP) are missing'),
        allele_balance: z
          .tuple([share, share])
          .refine(([low, high]) => low < high, 'the first share must be below the second')
          .optional()
          .describe(
            'calls that their reads (AD) speak against are missing: [0.2, 0.8] asks for 0.2 to 0.8 of the reads behind the second allele of a heterozygous call',
          ),
      })
      .optional()
      .describe('on reading vcf and bcf; pgen knows keep_filtered'),
  })
  .superRefine((value, context) => {
    for (const [k, region] of (typeof value.regions === 'object' ? value.regions : []).entries())
      try {
        parseRegion(region)
      } catch (error) {
        if (!isUpturnError(error)) throw error
        context.addIssue({ code: 'custom', path: ['regions', k], message: error.message })
      }
    const given = genotypeFormats.filter((format) => value[format] !== undefined)
    if (given.length !== 1)
      context.addIssue({
        code: 'custom',
        message: `give exactly one of ${genotypeFormats.join(', ')}; ${given.length === 0 ? 'none is given' : `${given.join(' and ')} are given`}`,
      })
    const known: readonly string[] = given.length === 1 ? filtersOf(given[0]) : []
    for (const [key, name] of Object.entries(filterNames))
      if (value.filters?.[key as keyof typeof filterNames] !== undefined && given.length === 1 && !known.includes(name))
        context.addIssue({
          code: 'custom',
          path: ['filters', key],
          message: `a ${given[0]} file does not hold what this filter looks at; leave it out`,
        })
    if (value.bgen === undefined) {
      for (const key of ['ref', 'sample'] as const)
        if (value[key] !== undefined)
          context.addIssue({ code: 'custom', path: [key], message: 'this is for bgen alone; leave it out' })
      return
    }
    if (value.ref === undefined)
      context.addIssue({
        code: 'custom',
        path: ['bgen'],
        message:
          'BGEN does not say which of its alleles is the reference, and a wrong choice turns every effect round; add ref: first (as for UK Biobank) or ref: last',
      })
    if (Array.isArray(value.sample) && value.sample.length !== [value.bgen].flat().length)
      context.addIssue({
        code: 'custom',
        path: ['sample'],
        message: `${value.sample.length} .sample files for ${[value.bgen].flat().length} BGEN files; give one for all, or one for each`,
      })
  })

const column = z.string().min(1).optional()

const tableMapping = z.strictObject({
  visits: z
    .strictObject({
      file: column,
      sheet: column,
      patient: column,
      day: column,
      date: column,
      scale: column,
      total: column,
      items: z
        .strictObject(
          Object.fromEntries(alsfrsItems.map((item) => [item, column])) as Record<AlsfrsItem, typeof column>,
        )
        .optional(),
    })
    .optional(),
  patients: z
    .strictObject(
      Object.fromEntries(['file', 'sheet', ...patientColumns].map((name) => [name, column])) as Record<
        'file' | 'sheet' | PatientColumn,
        typeof column
      >,
    )
    .optional(),
  labs: z
    .strictObject({
      file: column,
      sheet: column,
      patient: column,
      day: column,
      test: column,
      value: column,
      unit: column,
      plate: column.describe('plate or batch on which it was measured'),
      lower_limit: column.describe('limit of detection or quantification'),
      upper_limit: column,
    })
    .optional(),
  words: z
    .record(z.string(), z.string())
    .optional()
    .describe('words of the table and what they mean here: { spinal: limb }'),
  concepts: z
    .record(z.string(), z.string())
    .optional()
    .describe(
      'codes of a vocabulary (OMOP, LOINC, ...) and what they mean: an item (q1 to r3), total, onset, ... or a laboratory test',
    ),
  visit_days: z
    .record(z.string(), z.int().min(-36525).max(36525))
    .optional()
    .describe('the day of each numbered visit or named event where the source gives none: { 1: 0, 2: 120 }'),
  missing: z.array(z.string()).optional().describe('codes that mean missing in this source'),
})

const clinical = z.strictObject({
  source: z.enum(layoutNames as [LayoutName, ...LayoutName[]]),
  path: z.string().min(1),
  encoding: z
    .enum(tableEncodings)
    .optional()
    .describe('of text files that are not UTF-8 and do not begin with the byte order mark of UTF-16'),
  decimals: z.enum(['point', 'comma']).optional().describe('comma: numbers are written 1,5; point by default'),
  dates: z.enum(dateStyles).optional().describe('how dates are written beside YYYY-MM-DD, which is always read'),
  sheet: z.string().min(1).optional().describe('of workbooks with several sheets, the one to read'),
  mapping: tableMapping.optional().describe('which file, column and code hold what, where the layout does not say it'),
})

const cohort = z.strictObject({
  clinical: clinical
    .optional()
    .describe(
      'may be left out before any phenotype exists: then only `upturn calibrate` works, with calibration.cases',
    ),
  genotypes,
})

const cohorts = z
  .record(z.string().min(1), cohort)
  .refine((value) => Object.keys(value).length > 0, 'at least one cohort is needed')
  .superRefine((value, context) => {
    const names = Object.keys(value)
    if (names.length < 2) return
    const [first] = names
    const { build } = value[first].genotypes
    for (const name of names) {
      if (/[:,;]|^\s|\s$/.test(name))
        context.addIssue({
          code: 'custom',
          path: [name],
          message:
            'of several cohorts, each name stands before its people’s ids: write it without ":", ",", ";" and without spaces at its ends',
        })
      const own = value[name].genotypes.build
      if (own !== build)
        context.addIssue({
          code: 'custom',
          path: [name, 'genotypes', 'build'],
          message: `${own} where ${first} is on ${build}; positions are not lifted over: bring the files of one of them to the other’s build first`,
        })
    }
  })

const covariate = z.string().regex(/^(sex|age_at_onset|PC([1-9]|10))$/, 'must be sex, age_at_onset or PC1 to PC10')

export const studySchema = z
  .strictObject({
    name: z.string().min(1),
    seed: z.int().min(0).max(4294967295).default(1),
    cohorts,
    merge: z
      .strictObject({
        ambiguous: z
          .enum(['drop', 'keep'])
          .default('drop')
          .describe('A/T and C/G variants: left out, or kept where all cohorts have the alleles as written'),
        strand: z
          .enum(['drop', 'flip'])
          .default('drop')
          .describe('SNVs that fit after complementing: left out, or complemented and counted; never ambiguous ones'),
        require: z
          .enum(['all', 'any'])
          .default('all')
          .describe(
            'variants that all cohorts have, or any: the others’ people are then missing, and the row is flagged',
          ),
      })
      .prefault({})
      .describe('how the genotypes of several cohorts become one; docs/merging.md'),
    reference: z
      .string()
      .min(1)
      .optional()
      .describe(
        'FASTA file of the build, plain or bgzipped: every reference allele is compared with it, indels are left-aligned',
      ),
    phenotype: z
      .strictObject({
        definition: z.string().min(1).default('large-sustained'),
        definitions: z
          .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
          .optional()
          .describe('further definitions: a file, a folder of *.yaml, or a list of them; docs/definitions'),
        adjudications: z
          .string()
          .min(1)
          .optional()
          .describe(
            'verdicts of people on the calls (default: adjudications.jsonl beside the study file, where there is one); docs/adjudication.md',
          ),
        cases: z.enum(['reversal']).default('reversal'),
        controls: z.enum(['typical', 'slow', 'rapid', 'others']).default('typical'),
        strictness: z.enum(strictnessLevels as [Strictness, ...Strictness[]]).default('mimics'),
      })
      .prefault({}),
    covariates: z.array(covariate).max(12).default(['sex', 'age_at_onset', 'PC1', 'PC2']),
    quality: z
      .strictObject({
        sample_call_rate: z.number().min(0).max(1).default(0.97),
        variant_call_rate: z.number().min(0).max(1).default(0.95),
        maf: z.number().min(0).max(0.5).default(0.01),
        kinship: z.number().min(0).max(0.5).default(0.0884),
      })
      .prefault({}),
    matching: z
      .strictObject({
        ratio: z.int().min(1).max(20).default(4),
        distance: z
          .enum(['mahalanobis', 'propensity'])
          .default('mahalanobis')
          .describe('what is made small in total: Mahalanobis distances, or differences of the propensity’s logit'),
        variables: z
          .array(
            z.union([
              z.enum(['age_at_onset', 'pre_nadir_slope', 'sex', 'onset_site', 'cohort', 'dna_source']),
              z.string().regex(/^PC([1-9]|10)$/, 'PC1 to PC10'),
            ]),
          )
          .optional()
          .describe(
            'of the distance; without it age_at_onset, pre_nadir_slope and those of PC1 and PC2 that are covariates',
          ),
        exact: z.array(z.enum(['sex', 'onset_site', 'cohort', 'dna_source'])).default(['sex']),
        calipers: z
          .strictObject({
            age_at_onset: z.number().positive().optional(),
            pre_nadir_slope: z.number().positive().optional(),
            PC1: z.number().positive().optional(),
            PC2: z.number().positive().optional(),
            propensity: z.number().positive().optional().describe('in standard deviations of its logit; 0.2 is usual'),
          })
          .prefault({}),
      })
      .prefault({}),
    design: z
      .enum(['unmatched', 'matched'])
      .default('unmatched')
      .describe(
        'matched: every test is its form within the matched sets, labels are redrawn within them, and whoever is in no set is left out; the unmatched form is shown beside each lead; docs/statistics/matched-sets.md',
      ),
    controls_2: z
      .strictObject({
        genotypes,
        calls: z.string().optional().describe('table with columns sample and group; everyone is a control without it'),
      })
      .optional(),
    gene_tests: z
      .strictObject({
        genes: z.array(z.string().min(1)).default([]).describe('symbols, beside the genes near each lead'),
        regions: z
          .union([z.string().min(1), z.array(z.string().min(1))])
          .optional()
          .describe('a BED file (fourth column: name), or a list such as [21:31659666-31668931]'),
        max_maf: z
          .number()
          .gt(0)
          .max(0.5)
          .default(0.05)
          .describe('variants with a more frequent minor allele are left out'),
        weights: z.enum(['beta', 'madsen_browning', 'flat']).default('beta'),
        sets: z
          .int()
          .min(100)
          .max(1_000_000)
          .default(10_000)
          .describe('label sets where carriers are too many to list'),
      })
      .prefault({})
      .describe('rare variants of a gene together; docs/statistics/gene-tests.md'),
    biomarkers: z.array(z.string().min(1)).default(['IGF-1']),
    biomarker_plates: z
      .enum(['fixed', 'random', 'none'])
      .default('fixed')
      .describe(
        'how the plates of a laboratory table enter: a level each, levels that scatter, or not; docs/biomarkers.md',
      ),
    primary: z
      .strictObject({
        test: z
          .enum(['family', 'firth', 'auto'])
          .default('family')
          .describe(
            'auto: family, by the rule that it controls the family-wise error whatever the correlation of variants',
          ),
        alpha: z.number().gt(0).max(0.5).default(0.05),
      })
      .prefault({}),
    calibration: z
      .strictObject({
        replicates: z.int().min(20).max(100_000).default(400).describe('null label sets of the certificate'),
        firth_replicates: z
          .int()
          .min(20)
          .max(100_000)
          .default(100)
          .describe('null label sets under which Firth is fitted, which takes longer'),
        cases: z
          .int()
          .min(1)
          .max(2000)
          .optional()
          .describe(
            'number of cases planned, for `upturn calibrate` before any phenotype exists: clinical records are then not asked who is one; to be taken out afterwards',
          ),
      })
      .prefault({}),
    permutations: z.int().min(0).max(1_000_000).default(1000),
    firth: z.enum(['all', 'screened']).default('all'),
    exports: z
      .array(z.enum(['phenopackets', 'calls', 'fhir']))
      .default([])
      .describe(
        'what `upturn run` also writes into exports/ when it has ended, under pseudonyms: `upturn export` by hand',
      ),
  })
  .superRefine((value, context) => {
    if (value.design === 'matched' && value.calibration.cases !== undefined)
      context.addIssue({
        code: 'custom',
        path: ['design'],
        message:
          'matched sets exist once it is known who is a case: before any phenotype, with calibration.cases, a certificate can only be that of design: unmatched',
      })
    const { regions: tested } = value.gene_tests
    for (const [k, region] of (typeof tested === 'object' ? tested : []).entries())
      try {
        parseRegion(region)
      } catch (error) {
        if (!isUpturnError(error)) throw error
        context.addIssue({ code: 'custom', path: ['gene_tests', 'regions', k], message: error.message })
      }
    const second = value.controls_2?.genotypes.build
    const { build } = Object.values(value.cohorts)[0].genotypes
    if (second !== undefined && second !== build)
      context.addIssue({
        code: 'custom',
        path: ['controls_2', 'genotypes', 'build'],
        message: `${second} where the study is on ${build}; positions are not lifted over: bring the files to ${build} first`,
      })
  })

export type Study = z.infer<typeof studySchema>
export type Cohort = z.infer<typeof cohort>

/**
 * JSON Schema of the study file, for editors.
 * @public written to docs/ by scripts/docs.js
 */
export function studyJsonSchema(): unknown {
  return { title: 'Upturn study', ...z.toJSONSchema(studySchema, { io: 'input', unrepresentable: 'any' }) }
}

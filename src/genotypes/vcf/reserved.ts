import type { VersionRules } from './version.ts'

export type ValueType = 'Integer' | 'Float' | 'Flag' | 'Character' | 'String'

/** What a key's values are: by a meta-information line, or by the specification where there is none. */
export interface KeySpec {
  readonly type: ValueType
  /** A whole number, A, R, G, P, M, LA, LR, LG, or `.` for any. */
  readonly number: string
}

/** A reserved key, and what else than its own type and number a declaration may say without changing what is read. */
interface ReservedKey extends KeySpec {
  readonly alsoTypes?: readonly ValueType[]
  readonly alsoNumbers?: readonly string[]
  /** Values below zero make no sense. */
  readonly notNegative?: boolean
  readonly cigar?: boolean
  /** A comma parts values; in a text of one value it is otherwise taken as part of the text, as programs write it. */
  readonly list?: boolean
}

const flag: ReservedKey = { type: 'Flag', number: '0' }
const count = (number: string, more: Partial<ReservedKey> = {}): ReservedKey => ({
  type: 'Integer',
  number,
  alsoNumbers: ['.'],
  notNegative: true,
  ...more,
})
const integer = (number: string, more: Partial<ReservedKey> = {}): ReservedKey => ({
  type: 'Integer',
  number,
  alsoNumbers: ['.'],
  ...more,
})
const float = (number: string, more: Partial<ReservedKey> = {}): ReservedKey => ({
  type: 'Float',
  number,
  alsoNumbers: ['.'],
  ...more,
})

/**
 * Table 1 of VCF 4.3, which 4.1 and 4.2 have in words. `.` says less than the reserved number, not something else. In 4.1
 * and 4.2, which name no numbers, imputation programs declare AC and AF as one value, since their records have one alternate allele. SB is left
 * out: its number and type differ between versions and programs.
 */
function infoKeys({ strict }: VersionRules): Readonly<Record<string, ReservedKey>> {
  const perAlt = strict ? ['.'] : ['.', '1']
  return {
    AA: { type: 'String', number: '1', list: true },
    AC: count('A', { alsoNumbers: perAlt }),
    AF: float('A', { alsoNumbers: perAlt, notNegative: true }),
    AN: count('1'),
    BQ: float('1'),
    CIGAR: { type: 'String', number: 'A', alsoNumbers: ['.'], cigar: true },
    DB: flag,
    DP: count('1'),
    END: count('1'),
    H2: flag,
    H3: flag,
    MQ: float('1', { alsoTypes: ['Integer'] }),
    MQ0: count('1'),
    NS: count('1'),
    SOMATIC: flag,
    VALIDATED: flag,
    '1000G': flag,
    ...(strict && { AD: count('R'), ADF: count('R'), ADR: count('R') }),
  }
}

/**
 * Table 2 of VCF 4.3, which 4.1 and 4.2 have in words. FreeBayes writes GQ with decimals; three values are what one
 * alternate allele has genotypes, and imputation programs declare them so.
 */
function formatKeys({ strict, phasePrefix }: VersionRules): Readonly<Record<string, ReservedKey>> {
  const perGenotype = ['.', '3']
  return {
    DP: integer('1'),
    EC: integer('A'),
    FT: { type: 'String', number: '1', alsoNumbers: ['.'] },
    GL: float('G', { alsoNumbers: perGenotype }),
    GP: float('G', { alsoNumbers: perGenotype }),
    GQ: integer('1', { alsoTypes: ['Float'] }),
    GT: { type: 'String', number: '1' },
    HQ: integer('2'),
    MQ: integer('1'),
    PL: integer('G', { alsoNumbers: perGenotype }),
    PQ: integer('1'),
    PS: integer('1'),
    ...(strict
      ? { AD: integer('R'), ADF: integer('R'), ADR: integer('R'), PP: integer('G', { alsoNumbers: perGenotype }) }
      : { GLE: { type: 'String', number: 'G', alsoNumbers: ['.'] } as const }),
    ...(phasePrefix && { PSL: { type: 'String', number: 'P' } as const, PSO: integer('P'), PSQ: integer('P') }),
  }
}

export type KeyKind = 'INFO' | 'FORMAT'

export function reservedKeys(kind: KeyKind, rules: VersionRules): Readonly<Record<string, ReservedKey>> {
  return kind === 'INFO' ? infoKeys(rules) : formatKeys(rules)
}

/** What is wrong with the declaration of a reserved key, undefined when it is in order. */
export function reservedMismatch(id: string, declared: KeySpec, reserved: ReservedKey): string | undefined {
  if (declared.type !== reserved.type && !reserved.alsoTypes?.includes(declared.type))
    return `${id} is reserved with Type=${reserved.type}`
  if (declared.number !== reserved.number && !reserved.alsoNumbers?.includes(declared.number))
    return `${id} is reserved with Number=${reserved.number}`
  return undefined
}

const typeCodes: Readonly<Record<ValueType, number>> = { Integer: 1, Float: 2, Flag: 3, Character: 4, String: 5 }
const cigarCode = 6
const numberCodes: Readonly<Record<string, number>> = { A: 2, R: 3, G: 4, P: 5 }

/**
 * A spec as the kernel reads it: kernels/assembly/vcf-values.ts. Values per genotype in INFO have no ploidy, so their number is
 * not checked.
 */
export function kernelSpec(kind: KeyKind, { type, number }: KeySpec, reserved?: ReservedKey): number {
  const fixed = /^\d+$/.test(number) ? Number(number) : undefined
  const code = reserved?.cigar === true && type === 'String' ? cigarCode : typeCodes[type]
  const notNegative = reserved?.notNegative === true && (type === 'Integer' || type === 'Float') ? 8 : 0
  const unchecked =
    (kind === 'INFO' && number === 'G') || (type === 'String' && number === '1' && reserved?.list !== true)
  if (unchecked) return code | notNegative
  const numberCode = fixed === undefined ? (numberCodes[number] ?? 0) : 1
  return code | notNegative | (numberCode << 4) | ((fixed ?? 0) << 8)
}

import { isMistake, type MetaField, type MetaMistake, parseStructured } from './meta-line.ts'
import { type KeySpec, reservedKeys, reservedMismatch, type ValueType } from './reserved.ts'
import type { VersionRules } from './version.ts'

// What meta-information lines must be (VCF 4.1 to 4.5, section 1.4). Lines of kinds that the specification does not name
// are read as they are: programs write many, and nothing depends on them.

/** Largest Number of a key. */
const numberLimit = 1 << 20

/** What a line declares, for checking records and for telling a line from one before it. */
export interface Declaration {
  readonly kind: string
  readonly id: string
  readonly spec?: KeySpec
  /** Length of a contig. */
  readonly length?: number | null
}

const mistake = (message: string, at: number): MetaMistake => ({ message, at })

interface Structured {
  readonly fields: readonly MetaField[]
  get(key: string): MetaField | undefined
  /** Where the value of the line begins. */
  readonly at: number
}

type LineRule = (line: Structured, rules: VersionRules) => Declaration | MetaMistake

/** The ID, which must be there and, up to VCF 4.3, come first. */
function idOf(
  line: Structured,
  kind: string,
  rules: VersionRules,
  first = !rules.phasePrefix,
): MetaField | MetaMistake {
  const id = line.get('ID')
  if (id === undefined) return mistake(`${kind} needs an ID`, line.at)
  if (first && line.fields[0] !== id) return mistake(`the ID of ${kind} must come first`, id.at)
  if (id.form !== 'plain') return mistake('an ID stands without quotes or brackets', id.at)
  if (/\s/.test(id.value)) return mistake('an ID holds no white space', id.at)
  return id
}

function quotedField(line: Structured, kind: string, key: string): MetaMistake | undefined {
  const field = line.get(key)
  if (field === undefined) return mistake(`${kind} needs a ${key} in double quotes`, line.at)
  if (field.form !== 'quoted') return mistake(`the ${key} must be in double quotes`, field.at)
  return undefined
}

const types: readonly ValueType[] = ['Integer', 'Float', 'Flag', 'Character', 'String']

function numberIsKnown(number: string, rules: VersionRules, format: boolean): boolean {
  if (/^\d+$/.test(number)) return Number(number) <= numberLimit
  if (['A', 'G', 'R', '.'].includes(number)) return true
  return format && ((rules.phasePrefix && number === 'P') || (rules.localAlleles && /^(LA|LR|LG|M)$/.test(number)))
}

/** INFO and FORMAT: ID, Number, Type and Description, in this order up to VCF 4.3 but for Number and Type, which programs exchange. */
function keyRule(kind: 'INFO' | 'FORMAT'): LineRule {
  return (line, rules) => {
    const id = idOf(line, kind, rules)
    if ('message' in id) return id
    const number = line.get('Number')
    const type = line.get('Type')
    if (number === undefined) return mistake(`${kind} needs a Number`, line.at)
    if (type === undefined) return mistake(`${kind} needs a Type`, line.at)
    if (!numberIsKnown(number.value, rules, kind === 'FORMAT'))
      return mistake(`Number must be a whole number, A, R, G or ".", not ${number.value}`, number.at)
    if (!types.includes(type.value as ValueType) || (kind === 'FORMAT' && type.value === 'Flag'))
      return mistake(
        `Type must be Integer, Float, ${kind === 'INFO' ? 'Flag, ' : ''}Character or String, not ${type.value}`,
        type.at,
      )
    const wrong = quotedField(line, kind, 'Description')
    if (wrong !== undefined) return wrong
    if (!rules.phasePrefix && line.fields.findIndex(({ key }) => key === 'Description') !== 3)
      return mistake(`the fields of ${kind} are ID, Number, Type and Description, then any others`, line.at)
    if (
      rules.strict &&
      !(kind === 'INFO' ? /^([A-Za-z_][0-9A-Za-z_.]*|1000G)$/ : /^[A-Za-z_][0-9A-Za-z_.]*$/).test(id.value)
    )
      return mistake(
        'a key is made of letters, digits, underscores and points and begins with a letter or underscore',
        id.at,
      )
    const spec: KeySpec = { type: type.value as ValueType, number: number.value }
    const reserved = reservedKeys(kind, rules)
    if (Object.hasOwn(reserved, id.value)) {
      const mismatch = reservedMismatch(id.value, spec, reserved[id.value])
      if (mismatch !== undefined)
        return mistake(
          `${mismatch}; correct the header with bcftools reheader, or give the key another name`,
          number.at,
        )
    }
    return { kind, id: id.value, spec }
  }
}

const filterRule: LineRule = (line, rules) => {
  const id = line.get('ID')
  if (id === undefined) return mistake('FILTER needs an ID', line.at)
  if (!rules.phasePrefix && line.fields[0] !== id) return mistake('the ID of FILTER must come first', id.at)
  return quotedField(line, 'FILTER', 'Description') ?? { kind: 'FILTER', id: id.value }
}

const structuralTypes = ['DEL', 'INS', 'DUP', 'INV', 'CNV', 'BND', 'TRA']

/** ALT: a structural type, perhaps with subtypes behind colons, or a name of another kind (`NON_REF`, `*`, `CN0`, an IUPAC code). */
const altRule: LineRule = (line, rules) => {
  const id = idOf(line, 'ALT', rules)
  if ('message' in id) return id
  if (/[<>]/.test(id.value)) return mistake('the ID of ALT holds no angle bracket', id.at)
  const first = id.value.split(':', 1)[0]
  if (first !== id.value && !structuralTypes.includes(first))
    return mistake(`the first part of an ALT with subtypes must be one of ${structuralTypes.join(', ')}`, id.at)
  if (!rules.strict && /^(DEL|INS|DUP|INV|CNV)\d+$/.test(id.value))
    return mistake('write the subtype of a structural variant behind a colon', id.at)
  const wrong = quotedField(line, 'ALT', 'Description')
  if (wrong !== undefined) return wrong
  if (!rules.phasePrefix && line.fields[1].key !== 'Description')
    return mistake('the fields of ALT are ID and Description, then any others', line.fields[1].at)
  return { kind: 'ALT', id: id.value }
}

const contigRule: LineRule = (line, rules) => {
  const id = idOf(line, 'contig', rules, false)
  if ('message' in id) return id
  if (/[<>]/.test(id.value) || (rules.strict && (/["'`()[\]{}\\]/.test(id.value) || /^[*=]/.test(id.value))))
    return mistake('the ID of contig holds a character that a contig name may not have', id.at)
  const length = line.get('length')
  if (length !== undefined && !/^\d{1,15}$/.test(length.value))
    return mistake('the length of a contig must be a whole number', length.at)
  return { kind: 'contig', id: id.value, length: length === undefined ? null : Number(length.value) }
}

/** SAMPLE: an ID from VCF 4.3 on; before, genomes with their mixture, and nothing but the Description in quotes. */
const sampleRule: LineRule = (line, rules) => {
  const id = idOf(line, 'SAMPLE', rules, false)
  if ('message' in id) return id
  if (/[*<>]/.test(id.value)) return mistake('the ID of SAMPLE holds a character that a name may not have', id.at)
  if (!rules.strict) {
    if (line.get('Genomes') === undefined) return mistake('SAMPLE needs Genomes, a list of genomes', line.at)
    const quoted = line.fields.find(({ key, form }) => form === 'quoted' && key !== 'Description')
    if (quoted !== undefined) return mistake('only the Description of SAMPLE is in quotes', quoted.at)
  }
  return { kind: 'SAMPLE', id: id.value }
}

const pedigreeRule: LineRule = (line, rules) => {
  if (rules.strict) {
    const id = idOf(line, 'PEDIGREE', rules, false)
    if ('message' in id) return id
  }
  const odd = line.fields.find(({ value }) => !/^[^\s:,;<>"]+$/.test(value))
  if (odd !== undefined) return mistake('a value of PEDIGREE is a name without white space, colon or comma', odd.at)
  return { kind: 'PEDIGREE', id: line.get('ID')?.value ?? '' }
}

const metaRule: LineRule = (line, rules) => {
  const id = idOf(line, 'META', rules, true)
  if ('message' in id) return id
  const number = line.get('Number')
  const type = line.get('Type')
  const values = line.get('Values')
  if (number !== undefined && !numberIsKnown(number.value, rules, false))
    return mistake(`Number must be a whole number, A, R, G or ".", not ${number.value}`, number.at)
  if (type !== undefined && !types.includes(type.value as ValueType))
    return mistake(`Type must be Integer, Float, Flag, Character or String, not ${type.value}`, type.at)
  if (values !== undefined && values.form !== 'list')
    return mistake('Values must be in square brackets, parted by commas', values.at)
  return { kind: 'META', id: id.value }
}

/** Kinds of lines whose value is in angle brackets. META is one from VCF 4.3 on. */
const structuredRules: Readonly<Record<string, LineRule>> = {
  INFO: keyRule('INFO'),
  FORMAT: keyRule('FORMAT'),
  FILTER: filterRule,
  ALT: altRule,
  contig: contigRule,
  SAMPLE: sampleRule,
  PEDIGREE: pedigreeRule,
  META: metaRule,
}

/** A URL, or a path or name, which is a relative one: a host is a name that begins with a letter, or an address. */
function isUrl(text: string): boolean {
  const authority = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/([^/?#]*)/.exec(text)
  if (/[\s<>"]/.test(text)) return false
  if (authority === null) return true
  if (/^file:/i.test(text) && authority[1] === '') return true
  const host = /^(?:[^@]*@)?(\[[0-9A-Fa-f:.]+\]|[^:]*)(?::\d*)?$/.exec(authority[1])?.[1]
  return (
    host !== undefined &&
    (host.startsWith('[') ||
      /^(\d{1,3}\.){3}\d{1,3}$/.test(host) ||
      /^(?=.*[A-Za-z])[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?(\.[A-Za-z0-9_-]+)*\.?$/.test(host))
  )
}

/**
 * Checks one meta-information line, which begins with `##`; returns what it declares, null for a line that declares nothing.
 */
export function checkMetaLine(line: string, rules: VersionRules): Declaration | null | MetaMistake {
  const equals = line.indexOf('=')
  const kind = line.slice(2, equals)
  if (equals < 3 || /\s/.test(kind)) return mistake('a meta-information line must have the form ##key=value', 2)
  const at = equals + 1
  if (at === line.length) return mistake('a meta-information line must have a value', at)
  if (kind === 'assembly' || kind === 'pedigreeDB') {
    const text = line.slice(at)
    // VCF 4.1 and 4.2 put the address of the database in brackets.
    const url = kind === 'pedigreeDB' && !rules.strict && /^<.+>$/.test(text) ? text.slice(1, -1) : text
    return isUrl(url) ? null : mistake(`the value of ${kind} must be an address (URL)`, at)
  }
  if (!Object.hasOwn(structuredRules, kind) || (kind === 'META' && !rules.strict)) return null
  const fields = parseStructured(line, at)
  if (isMistake(fields)) return fields
  return structuredRules[kind]({ fields, at, get: (key) => fields.find((field) => field.key === key) }, rules)
}

import { UpturnError } from '../../errors/index.ts'
import { checkMetaLine, type Declaration } from './meta-rules.ts'
import { type KeyKind, type KeySpec, kernelSpec, reservedKeys } from './reserved.ts'
import type { VersionRules } from './version.ts'

/** What the meta-information lines of a header say of keys, filters and contigs. */
export interface Declarations {
  readonly info: ReadonlyMap<string, KeySpec>
  readonly format: ReadonlyMap<string, KeySpec>
  readonly contigs: ReadonlyMap<string, number | null>
}

/**
 * Checks the meta-information lines of a header (`lines` from `##fileformat` to before the column line) and gathers what they
 * declare. Refuses a line that is not well-formed, and two that declare one thing differently; from VCF 4.3 on also two
 * that say the same, since an ID must be unique.
 */
export function readDeclarations(lines: readonly string[], rules: VersionRules, file: string): Declarations {
  const info = new Map<string, KeySpec>()
  const format = new Map<string, KeySpec>()
  const contigs = new Map<string, number | null>()
  const seen = new Map<string, { declaration: Declaration; line: number }>()
  for (let k = 1; k < lines.length; k++) {
    const refuse = (message: string, at: number) =>
      new UpturnError('FormatInvalid', message, { place: { file, line: k + 1, column: at + 1 } })
    const found = checkMetaLine(lines[k], rules)
    if (found === null) continue
    if ('message' in found) throw refuse(found.message, found.at)
    const { kind, id, spec, length } = found
    // Relations of one person may take several lines before IDs were asked for.
    if (id !== '') {
      const before = seen.get(`${kind} ${id}`)
      if (before !== undefined && (rules.strict || !agree(before.declaration, found)))
        throw refuse(`${kind} ${id} is declared in line ${before.line}, too; keep one of the two`, 2)
      seen.set(`${kind} ${id}`, { declaration: found, line: k + 1 })
    }
    if (kind === 'INFO' && spec !== undefined) info.set(id, spec)
    if (kind === 'FORMAT' && spec !== undefined) format.set(id, spec)
    if (kind === 'contig') contigs.set(id, length ?? null)
  }
  return { info, format, contigs }
}

const agree = (a: Declaration, b: Declaration): boolean =>
  a.spec?.type === b.spec?.type &&
  a.spec?.number === b.spec?.number &&
  ((a.length ?? null) === null || (b.length ?? null) === null || a.length === b.length)

/** Tables of keys for the kernel (kernels/assembly/vcf-values.ts). Plain data: they travel to workers. */
export interface KernelTables {
  readonly info: Uint8Array
  readonly format: Uint8Array
  readonly contigs: Uint8Array
}

export function kernelTables(declarations: Declarations, rules: VersionRules): KernelTables {
  return {
    info: keyTable(keySpecs('INFO', declarations.info, rules)),
    format: keyTable(keySpecs('FORMAT', declarations.format, rules)),
    contigs: keyTable(new Map([...declarations.contigs.keys()].map((name) => [name, 0]))),
  }
}

/** Specs of declared keys, and of reserved ones that are not declared. */
function keySpecs(kind: KeyKind, declared: ReadonlyMap<string, KeySpec>, rules: VersionRules): Map<string, number> {
  const reserved = reservedKeys(kind, rules)
  const specs = new Map<string, number>()
  for (const [id, spec] of declared)
    specs.set(id, kernelSpec(kind, spec, Object.hasOwn(reserved, id) ? reserved[id] : undefined))
  for (const [id, spec] of Object.entries(reserved)) {
    if (specs.has(id)) continue
    // Of two types that a declaration may name the wider one is taken.
    const type = spec.alsoTypes?.includes('Float') ? 'Float' : spec.type
    specs.set(id, kernelSpec(kind, { type, number: spec.number }, spec))
  }
  return specs
}

const headerBytes = 16
const slotBytes = 16

/** FNV-1a, as in the kernel. */
function keyHash(name: Uint8Array): number {
  let hash = 2166136261
  for (const byte of name) hash = Math.imul(hash ^ byte, 16777619) >>> 0
  return hash
}

/** An open-addressing table, at most half full, with the names behind it. */
function keyTable(specs: ReadonlyMap<string, number>): Uint8Array {
  let slots = 8
  while (slots < 2 * specs.size) slots *= 2
  const names = [...specs.keys()].map((name) => new TextEncoder().encode(name))
  const table = new Uint8Array(headerBytes + slots * slotBytes + names.reduce((sum, name) => sum + name.length, 0))
  const view = new DataView(table.buffer)
  view.setUint32(0, slots - 1, true)
  let nameAt = headerBytes + slots * slotBytes
  for (const [k, spec] of [...specs.values()].entries()) {
    const name = names[k]
    const hash = keyHash(name)
    let slot = hash & (slots - 1)
    const at = () => headerBytes + slot * slotBytes
    while (view.getUint32(at() + 8, true) !== 0) slot = (slot + 1) & (slots - 1)
    view.setUint32(at(), hash, true)
    view.setUint32(at() + 4, nameAt, true)
    view.setUint32(at() + 8, name.length, true)
    view.setUint32(at() + 12, spec >>> 0, true)
    table.set(name, nameAt)
    nameAt += name.length
  }
  return table
}

/** Slots of a table. */
export function slotsOf(table: Uint8Array): number {
  return new DataView(table.buffer, table.byteOffset).getUint32(0, true) + 1
}

/** Names under which a test is written, and the one under which it is reported. */
const spellings: ReadonlyMap<string, string> = new Map(
  (
    [
      [
        'IGF-1',
        'IGF1',
        'IGF-I',
        'IGF I',
        'IGF 1',
        'INSULIN-LIKE GROWTH FACTOR 1',
        'INSULIN-LIKE GROWTH FACTOR I',
        'SOMATOMEDIN C',
      ],
      ['IGFBP7', 'IGFBP-7', 'IGF-BP7', 'IGFBP 7', 'IGFBP-RP1', 'INSULIN-LIKE GROWTH FACTOR BINDING PROTEIN 7'],
      ['NFL', 'NF-L', 'NEFL', 'NEUROFILAMENT LIGHT', 'NEUROFILAMENT LIGHT CHAIN'],
    ] as const
  ).flatMap(([name, ...others]) => others.map((other) => [other, name] as const)),
)

/** The name under which a test is reported: the spellings of IGF-1, IGFBP7 and NfL are one test each; free IGF-1 is another, and so is what names its specimen (serum NfL, plasma NfL), because levels differ by it. */
export function testName(source: string): string {
  const name = source.trim().toUpperCase()
  return spellings.get(name) ?? name
}

/** Molar masses in g/mol where a molar unit may be met: IGF-1 of 70 residues is 7649 Da. */
const molarMass: Readonly<Record<string, number>> = { 'IGF-1': 7649 }

/** Prefixes of litres and grams, as powers of ten. */
const prefixes: Readonly<Record<string, number>> = { '': 0, d: -1, c: -2, m: -3, u: -6, n: -9, p: -12, f: -15, k: 3 }

/** A concentration unit as its kind and how many grams (or moles) a litre one of it is, as a power of ten; null for any other. */
function concentration(unit: string): { kind: 'mass' | 'molar'; power: number } | null {
  const match = /^([dcmunpfk]?)(g|mol)\/([dcmunpfk]?)l$/.exec(canonicalUnit(unit))
  if (match === null) return null
  return { kind: match[2] === 'g' ? 'mass' : 'molar', power: prefixes[match[1]] - prefixes[match[3]] }
}

/** A unit without case, spaces and the two signs of micro: ` µg / L` is `ug/l`. An M for mol/L and mcg for micrograms are read as such. */
export function canonicalUnit(unit: string): string {
  const plain = unit
    .trim()
    .replaceAll(/[µμ]/g, 'u')
    .replaceAll(/\s+/g, '')
    .replace(/^([munpf])M$/, '$1mol/l')
    .toLowerCase()
    .replace(/^mcg/, 'ug')
    .replace(/\/litre$|\/liter$/, '/l')
  return plain
}

/**
 * The factor that turns a value of one unit into another, for one test; null where it is not known, and then nothing is converted. Masses in a volume go into
 * each other by their prefixes; moles go into grams for the tests whose molar mass is known (IGF-1: 1 nmol/L is 7.649 ng/mL).
 */
export function conversion(test: string, from: string, to: string): number | null {
  if (canonicalUnit(from) === canonicalUnit(to)) return 1
  const a = concentration(from)
  const b = concentration(to)
  if (a === null || b === null) return null
  const mass = Object.hasOwn(molarMass, test) ? molarMass[test] : null
  if (a.kind !== b.kind && mass === null) return null
  const grams = (one: typeof a): number => (one.kind === 'molar' ? (mass as number) : 1)
  const powers = powerOfTen(a.power - b.power)
  return a.kind === b.kind ? powers : (powers * grams(a)) / grams(b)
}

/** 10^k for whole k without rounding where a double holds it. */
function powerOfTen(k: number): number {
  let out = 1
  for (let i = 0; i < Math.abs(k); i++) out *= 10
  return k < 0 ? 1 / out : out
}

/** Units in which tests are reported wherever their values can be brought to it. */
const reported: Readonly<Record<string, string>> = { 'IGF-1': 'ng/mL', IGFBP7: 'ng/mL', NFL: 'pg/mL' }

/** The unit of a test's report: the usual one where some value can be brought to it, else the most frequent. */
export function reportedUnit(test: string, units: readonly string[]): string {
  const usual = Object.hasOwn(reported, test) ? reported[test] : undefined
  if (usual !== undefined && units.some((unit) => conversion(test, unit, usual) !== null)) return usual
  const counts = new Map<string, { spelling: string; n: number }>()
  for (const unit of units) {
    const key = canonicalUnit(unit)
    const entry = counts.get(key) ?? { spelling: unit.trim(), n: 0 }
    entry.n++
    if (unit.trim() < entry.spelling) entry.spelling = unit.trim()
    counts.set(key, entry)
  }
  const most = [...counts.entries()].sort((a, b) => b[1].n - a[1].n || (a[0] < b[0] ? -1 : 1))[0]
  return most?.[1].spelling ?? ''
}

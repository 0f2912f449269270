import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BatchBuilder } from '../import/batch.ts'
import { readDosages } from '../store/dosages.ts'
import { packed } from '../testing/cohort.ts'
import { scanLines, type VcfScanOptions } from './scan.ts'
import { scanOptions } from './testing/options.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

function scan(text: string, options: VcfScanOptions) {
  const batch = new BatchBuilder(options.people)
  const counts = {}
  const result = scanLines(bytes(text), options, batch, counts)
  return { ...result, counts, batch: batch.finish().batch }
}

/** Codes of the variants of a batch: 0, 1, 2 copies, 3 missing. */
function codesOf({ genotypes, rank }: { genotypes: Uint8Array; rank: Uint8Array }, people: number): number[][] {
  const record = rank.length === 0 ? 0 : genotypes.length / rank.length
  return Array.from(rank, (_, v) =>
    Array.from({ length: people }, (__, s) => {
      const bit = (plane: number) => (genotypes[v * record + plane + (s >> 3)] >> (s & 7)) & 1
      return bit(0) + 2 * bit(record / 2)
    }),
  )
}

/** The plain twin: copies of each alternate allele, 3 where any allele is missing or there are more than two. */
function plainGenotype(cell: string, alt: number): number {
  const alleles = cell
    .split(':')[0]
    .split(/[/|]/)
    .filter((allele, k) => allele !== '' || k > 0)
  if (alleles.includes('.') || alleles.length > 2) return 3
  const copies = alleles.filter((allele) => Number(allele) === alt).length
  return alleles.length === 1 ? 2 * copies : copies
}

const allele = (alts: number) => fc.oneof({ weight: 8, arbitrary: fc.nat(alts).map(String) }, fc.constant('.'))
const genotype = (alts: number) =>
  fc.oneof(
    {
      weight: 9,
      arbitrary: fc.tuple(allele(alts), fc.constantFrom('/', '|'), allele(alts)).map((parts) => parts.join('')),
    },
    { weight: 2, arbitrary: allele(alts) },
    { weight: 1, arbitrary: fc.tuple(allele(alts), allele(alts), allele(alts)).map((parts) => parts.join('/')) },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom('/', '|'), allele(alts)).map((parts) => parts.join('')) },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.constantFrom('/', '|'), allele(alts), allele(alts)).map(([p, a, b]) => `${p}${a}|${b}`),
    },
  )

const record = (samples: number) =>
  fc
    .tuple(
      fc.uniqueArray(fc.constantFrom('C', 'G', 'T', 'CA', 'AC', 'GTT', 'CCCC', 'TAT', 'CT', 'GA', 'TG', 'CG'), {
        minLength: 1,
        maxLength: 11,
      }),
      fc.constantFrom('', ':12', ':3,4_99_0,20,300', ':a long text that goes beyond thirty-two bytes of one vector'),
      fc.constantFrom('.', 'DP=3', 'X'.repeat(70)),
    )
    .chain(([alts, more, info]) =>
      fc.record({
        alts: fc.constant(alts),
        more: fc.constant(more),
        info: fc.constant(info),
        cells: fc.array(genotype(alts.length), { minLength: samples, maxLength: samples }),
      }),
    )

test('the kernel equals its plain twin on genotypes of every form', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 80 }).chain((samples) =>
        fc.record({
          samples: fc.constant(samples),
          records: fc.array(record(samples), { minLength: 1, maxLength: 6 }),
          order: fc.shuffledSubarray(
            Array.from({ length: samples }, (_, s) => s),
            { minLength: samples },
          ),
          left: fc.nat(samples - 1),
          feed: fc.constantFrom('\n', '\r\n'),
        }),
      ),
      ({ samples, records, order, left, feed }) => {
        const text = records
          .map(
            ({ alts, more, info, cells }, v) =>
              `4\t${10 * v + 5}\t.\tA\t${alts.join(',')}\t1.5e3\tPASS\t${info}\tGT${more === '' ? '' : ':X'}\t${cells.map((cell) => cell + more).join('\t')}${feed}`,
          )
          .join('')
        // One sample column is left out; the others go to the places that `order` says, closed up.
        const kept = order.filter((s) => s !== left)
        const permutation = Int32Array.from({ length: samples }, (_, s) => kept.indexOf(s))
        const options = scanOptions(samples, { permutation, people: kept.length, version: '4.4' })
        const { batch: found, lines: scanned, records: seen, failure } = scan(text, options)
        expect(failure).toBeUndefined()
        expect([scanned, seen]).toEqual([records.length, records.length])
        const expected = records.flatMap(({ alts, cells }, v) =>
          alts.map((alt, k) => ({
            key: `4\t${10 * v + 5}\tA\t${alt}\t`,
            codes: kept.map((s) => plainGenotype(cells[s], k + 1)),
          })),
        )
        const lines = new TextDecoder().decode(found.lines).split('\n').slice(0, -1)
        // None of these alleles shares a last base with A but AC..: only those that end in A are trimmed.
        const untrimmed = expected.filter(({ key }) => !/A\t$|\tA[^\t]+\t$/.test(key.slice(key.indexOf('\tA\t') + 2)))
        const size = found.genotypes.length / Math.max(1, lines.length)
        for (const { key, codes } of untrimmed) {
          const at = lines.indexOf(key)
          expect(at).toBeGreaterThanOrEqual(0)
          expect([...found.genotypes.subarray(at * size, (at + 1) * size)]).toEqual([...packed([codes], kept.length)])
        }
        expect(lines.length).toBe(expected.length)
      },
    ),
    { numRuns: 120 },
  )
})

test('any line gives records or a refusal that names a byte of that line', () => {
  const good = '1\t5\t.\tA\tG\t.\tPASS\tAC=3;DP=7\tGT:DP:DS\t0/1:3:1\t./.:0:.\t1|1:2:1.9\n'
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(good.length - 2), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 }),
      fc.constantFrom('4.1' as const, '4.3' as const, '4.5' as const),
      (changes, version) => {
        const line = bytes(good)
        for (const [at, byte] of changes) line[at] = byte
        const text = bytes(good + good + good)
        text.set(line, line.length)
        const batch = new BatchBuilder(3)
        const options = scanOptions(3, {
          permutation: Int32Array.of(2, 0, 1),
          keepFiltered: true,
          minDp: 2,
          alleleBalance: [200_000, 800_000],
          version,
        })
        const { lines, records, failure } = scanLines(text, options, batch, {})
        if (failure === undefined) expect(records).toBe(lines)
        else {
          expect(failure.line).toBeGreaterThanOrEqual(1)
          expect(failure.message).toMatch(/^.{11,}$/)
          expect(failure.message).not.toContain('undefined')
          expect(failure.column).toBeGreaterThanOrEqual(0)
          expect(failure.column).toBeLessThan(line.length)
        }
        for (const byte of batch.finish().batch.genotypes.filter((_, k) => k % 8 === 0)) expect(byte).toBeLessThan(8)
      },
    ),
    { numRuns: 1500 },
  )
})

test.each([
  ['G,G', 2],
  ['G,gT,t,GT', 7],
  ['T,*,C,*', 6],
  ['CAT,cat', 4],
])('one alternate allele named twice is refused at its second name: %s', (alt, at) => {
  const named = (alts: string) =>
    scan(`1\t4\t.\tA\tC\t.\t.\t.\tGT\t0/1\n1\t5\t.\tA\t${alts}\t.\t.\t.\tGT\t0/2\n`, scanOptions(1)).failure
  expect(named(alt)).toEqual({
    message: expect.stringContaining('named twice'),
    line: 1,
    column: '1\t5\t.\tA\t'.length + at,
  })
  // Neither a shared beginning nor symbolic alleles of one name are the same allele.
  expect(named('G,GG,GT,<DEL>,<DEL>')).toBeUndefined()
})

describe('values of a sample', () => {
  const declared = [
    '##FORMAT=<ID=I1,Number=1,Type=Integer,Description="">',
    '##FORMAT=<ID=I2,Number=2,Type=Integer,Description="">',
    '##FORMAT=<ID=IR,Number=R,Type=Integer,Description="">',
    '##FORMAT=<ID=IG,Number=G,Type=Integer,Description="">',
    '##FORMAT=<ID=F1,Number=1,Type=Float,Description="">',
    '##FORMAT=<ID=FA,Number=A,Type=Float,Description="">',
    '##FORMAT=<ID=FG,Number=G,Type=Float,Description="">',
    '##FORMAT=<ID=IX,Number=.,Type=Integer,Description="">',
    '##FORMAT=<ID=S1,Number=1,Type=String,Description="">',
    '##FORMAT=<ID=C2,Number=2,Type=Character,Description="">',
  ]

  const integer = (value: string, strict: boolean) =>
    /^[-+]?\d+$/.test(value) &&
    (!strict || (BigInt(value.replace('+', '')) >= -2147483640n && BigInt(value.replace('+', '')) <= 2147483647n))
  const float = (value: string, strict: boolean) =>
    (strict ? /^[-+]?(\d*\.?\d+)(e[-+]?\d+)?$/i : /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i).test(value) ||
    /^[-+]?(inf|infinity|nan)$/i.test(value)

  /** The plain twin: whether the values of a key are what is declared. */
  function fits(key: string, text: string, alts: number, ploidy: number, strict: boolean): boolean {
    if (text === '') return false
    if (text === '.') return true
    if (key === 'S1') return true
    const values = text.split(',')
    if (key === 'C2') {
      if (values.length === 1) return text.length === 2 || (ploidy === 1 && text.length === 1)
      return values.every((value) => value.length === 1) && values.length === 2
    }
    const type = key[0] === 'I' ? integer : float
    if (!values.every((value) => value === '.' || type(value, strict))) return false
    const number = key[1]
    if (number === 'X') return true
    if (number === 'A') return values.length === alts
    if (number === 'R') return values.length === alts + 1
    if (number === 'G') return values.length === (ploidy === 1 ? alts + 1 : ((alts + 1) * (alts + 2)) / 2)
    return values.length === Number(number) || (ploidy === 1 && values.length < Number(number))
  }

  const value = fc.oneof(
    { weight: 6, arbitrary: fc.nat(2000).map(String) },
    {
      weight: 2,
      arbitrary: fc.constantFrom('0.5', '-1', '-0.25', '12.75', '3.', '.5', '.', '1e-3', '5E+2', 'nan', '-Inf'),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '',
        '-',
        '+7',
        '1.2.3',
        '1..2',
        '-.',
        '1-2',
        'x',
        '2147483648',
        '-2147483641',
        '123456789012',
        '--1',
        '1e',
        '..',
      ),
    },
  )
  const values = fc.array(value, { minLength: 1, maxLength: 6 }).map((list) => list.join(','))
  const counted = (count: number) =>
    fc.array(fc.oneof({ weight: 30, arbitrary: fc.nat(300).map(String) }, { weight: 1, arbitrary: value }), {
      minLength: count,
      maxLength: count,
    })

  /** Mostly as many values as the key asks for. */
  const cellValues = (key: string, alts: number) => {
    const number = key[1]
    const count =
      number === 'A'
        ? alts
        : number === 'R'
          ? alts + 1
          : number === 'G'
            ? ((alts + 1) * (alts + 2)) / 2
            : Number(number) || 2
    const usual = key === 'C2' ? fc.constantFrom('xy', 'x,y', 'x', 'xyz') : counted(count).map((list) => list.join(','))
    return fc.oneof({ weight: 12, arbitrary: usual }, { weight: 1, arbitrary: values })
  }

  test('are refused exactly when their plain twin refuses them', () => {
    let accepted = 0
    let refused = 0
    fc.assert(
      fc.property(
        fc
          .record({
            keys: fc.shuffledSubarray(['I1', 'I2', 'IR', 'IG', 'F1', 'FA', 'FG', 'IX', 'S1', 'C2'], { minLength: 1 }),
            alts: fc.constantFrom(1, 1, 1, 2, 3),
            call: fc.constantFrom('0/1', '1|1', './.', '0/0', '1', '0'),
            strict: fc.boolean(),
          })
          .chain((given) =>
            fc.record({
              given: fc.constant(given),
              cell: fc.tuple(...given.keys.map((key) => cellValues(key, given.alts))),
              dropped: fc.nat(2),
            }),
          ),
        ({ given: { keys, alts, call, strict }, cell, dropped }) => {
          const parts = cell.slice(0, Math.max(0, cell.length - dropped))
          const text = [call, ...parts].join(':')
          const alt = ['C', 'G', 'T'].slice(0, alts).join(',')
          const line = `1\t5\t.\tA\t${alt}\t.\tPASS\t.\tGT:${keys.join(':')}\t${text}\t0/0\n`
          const options = scanOptions(2, { version: strict ? '4.3' : '4.2', declared })
          const { failure } = scan(line, options)
          const ploidy = call.length === 1 ? 1 : 2
          const right = parts.every((part, k) => fits(keys[k], part, alts, ploidy, strict))
          if (right) accepted++
          else refused++
          expect(failure === undefined, line).toBe(right)
        },
      ),
      { numRuns: 4000 },
    )
    expect(accepted).toBeGreaterThan(500)
    expect(refused).toBeGreaterThan(500)
  })

  test('a refusal names the sample, the key and the place', () => {
    const line = '1\t5\t.\tA\tC\t.\tPASS\t.\tGT:I1:IR\t0/0:1:3,4\t0/1:2:5\n'
    const { failure } = scan(line, scanOptions(2, { declared }))
    expect(failure).toEqual({
      message: expect.stringMatching(/^IR: the number of values .*bcftools annotate -x FORMAT\/IR$/),
      line: 0,
      column: line.indexOf('5\n'),
      sample: 1,
    })
  })

  test('more values than keys, and empty ones, which VCF 4.5 allows', () => {
    const line = (cell: string) => `1\t5\t.\tA\tC\t.\tPASS\t.\tGT:S1\t${cell}\n`
    const message = (cell: string, version: '4.2' | '4.5') =>
      scan(line(cell), scanOptions(1, { declared, version })).failure?.message
    expect(message('0/1:a:b', '4.2')).toContain('more values than FORMAT has keys')
    expect(message('0/1:', '4.2')).toContain('a value is empty')
    expect(message('0/1:', '4.5')).toBeUndefined()
    expect(message('0/1', '4.2')).toBeUndefined()
  })
})

describe('dosages', () => {
  const declared = ['##FORMAT=<ID=DS,Number=A,Type=Float,Description="">']
  const dosagesOf = (format: string, cells: readonly string[], alt = 'C') => {
    const line = `1\t5\t.\tA\t${alt}\t.\tPASS\t.\t${format}\t${cells.join('\t')}\n`
    const { batch, failure, counts } = scan(line, scanOptions(cells.length, { declared }))
    const rows = Array.from(batch.rank, (_, v) => {
      const out = new Uint16Array(cells.length)
      const has = readDosages(batch.dosages, v, batch.genotypes, out)
      return { has, values: [...out] }
    })
    return { rows, codes: codesOf(batch, cells.length), failure, counts }
  }

  test('every decimal number is rounded to the nearest 16384th, half up', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc
            .tuple(fc.nat(1), fc.array(fc.nat(9), { maxLength: 20 }))
            .map(([whole, digits]) => `${whole}.${digits.join('')}0`),
          // exact ties
          fc.nat(32767).map((unit) =>
            ((2n * BigInt(unit) + 1n) * 5n ** 15n)
              .toString()
              .padStart(16, '0')
              .replace(/(\d{15})$/, '.$1'),
          ),
        ),
        fc.boolean(),
        (text, scientific) => {
          const [whole, digits] = text.split('.')
          const scale = 10n ** BigInt(digits.length)
          const number = BigInt(whole) * scale + BigInt(digits)
          const expected = Number((number * 32768n + scale) / (2n * scale))
          const written = scientific ? `${whole}${digits.slice(0, 1)}.${digits.slice(1)}0e-1` : text
          const { rows } = dosagesOf('GT:DS', [`0/0:${written}`, '0/1:0.5'])
          expect(rows[0].values[0], written).toBe(expected)
        },
      ),
      { numRuns: 400 },
    )
  })

  test('stand above GT, which serves where there is none; hard calls are made from them', () => {
    const { rows, codes } = dosagesOf('GT:DS', ['0/0:0.95', '0/1:0.5', '1/1:.', './.:1.02', '0/1:2', '0/0:0.1', '0/1'])
    expect(rows).toEqual([{ has: true, values: [15565, 8192, 32768, 16712, 32768, 1638, 16384] }])
    expect(codes).toEqual([[1, 3, 2, 1, 2, 0, 1]])
  })

  test('of a haploid call count twice, and DS alone is enough', () => {
    expect(dosagesOf('GT:DS', ['0:0.3', '1:0.9', '0/1:1.2', '.:0.7']).rows[0].values).toEqual([
      9830, 29491, 19661, 22938,
    ])
    const alone = dosagesOf('DS', ['0.1', '.', '1.9', '2'])
    expect(alone.rows[0].values).toEqual([1638, 65535, 31130, 32768])
    expect(alone.codes).toEqual([[0, 3, 2, 2]])
  })

  test('one a alternate allele', () => {
    const { rows } = dosagesOf('GT:DS', ['0/1:0.9,0.1', '1/2:1,1', '0/0:.,0.25'], 'C,G')
    expect(rows.map(({ values }) => values)).toEqual([
      [14746, 16384, 0],
      [1638, 16384, 4096],
    ])
  })

  test('whole numbers leave no dosages', () => {
    expect(dosagesOf('GT:DS', ['0/0:0', '0/1:1.000', '1/1:2.0']).rows).toEqual([
      { has: false, values: [0, 16384, 32768] },
    ])
  })

  test.each(['2.0001', '-0.1', '1e1', 'nan', '0.5x'])('%s is refused', (text) => {
    const { failure } = dosagesOf('GT:DS', ['0/0:1', `0/0:${text}`])
    expect(failure?.message).toMatch(/^DS: the (dosage is not a number of copies from 0 to 2|value is not a number)/)
    expect(failure?.sample).toBe(1)
  })

  test('a haploid one above one copy is refused', () => {
    expect(dosagesOf('GT:DS', ['0:1.01', '0/0:1']).failure?.message).toContain('to 1 for a haploid call')
  })
})

test('calls that their reads speak against become missing', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 3 }),
      fc.array(fc.tuple(fc.nat(3), fc.nat(3), fc.array(fc.nat(30), { minLength: 4, maxLength: 4 })), {
        minLength: 1,
        maxLength: 40,
      }),
      fc.constantFrom([0.2, 0.8] as const, [0.3, 0.7] as const, [0, 1] as const, [0.25, 0.9] as const),
      (alts, people, [low, high]) => {
        const cells = people.map(([a, b, reads]) => ({
          a: Math.min(a, alts),
          b: Math.min(b, alts),
          reads: reads.slice(0, alts + 1),
        }))
        const against = ({ a, b, reads }: (typeof cells)[number]) => {
          const total = reads.reduce((sum, n) => sum + n, 0)
          // In millionths, as whole numbers.
          const below = (part: number, whole: number, limit: number) => part * 1e6 < Math.round(limit * 1e6) * whole
          const above = (part: number, whole: number, limit: number) => part * 1e6 > Math.round(limit * 1e6) * whole
          if (a !== b) {
            const both = reads[a] + reads[b]
            return both > 0 && (below(reads[b], both, low) || above(reads[b], both, high))
          }
          if (total === 0) return false
          return a === 0 ? above(total - reads[0], total, low) : below(reads[a], total, high)
        }
        const line = `1\t5\t.\tA\t${['C', 'G', 'T'].slice(0, alts).join(',')}\t.\t.\t.\tGT:AD\t${cells.map(({ a, b, reads }) => `${a}/${b}:${reads.join(',')}`).join('\t')}\n`
        const options = scanOptions(cells.length, { alleleBalance: [Math.round(low * 1e6), Math.round(high * 1e6)] })
        const { batch, counts } = scan(line, options)
        expect(codesOf(batch, cells.length)).toEqual(
          Array.from({ length: alts }, (_, k) =>
            cells.map((cell) => (against(cell) ? 3 : Number(cell.a === k + 1) + Number(cell.b === k + 1))),
          ),
        )
        const lost = cells.filter(against).length
        expect(counts).toEqual(lost === 0 ? {} : { 'call outside the allele balance': lost })
      },
    ),
    { numRuns: 300 },
  )
})

describe('records that the specification forbids', () => {
  const declared = [
    '##contig=<ID=HLA-A*01:01:01:01,length=3503>',
    '##INFO=<ID=ONE,Number=1,Type=Integer,Description="">',
    '##INFO=<ID=ALL,Number=A,Type=Float,Description="">',
    '##INFO=<ID=YES,Number=0,Type=Flag,Description="">',
    '##INFO=<ID=LETTER,Number=1,Type=Character,Description="">',
    '##INFO=<ID=TEXT,Number=1,Type=String,Description="">',
    '##FORMAT=<ID=MIN_DP,Number=1,Type=Integer,Description="">',
  ]
  const refusal = (columns: Record<string, string>, version: '4.1' | '4.2' | '4.3' = '4.2') => {
    const line = ['CHROM', 'POS', 'ID', 'REF', 'ALT', 'QUAL', 'FILTER', 'INFO', 'FORMAT', 'S']
      .map((name, k) => columns[name] ?? ['1', '5', '.', 'A', 'C', '.', '.', '.', 'GT', '0/1'][k])
      .join('\t')
    return scan(`${line}\n`, scanOptions(1, { declared, version })).failure
  }

  test.each<[string, Record<string, string>, ('4.1' | '4.2' | '4.3')?]>([
    ['chromosome has a character', { CHROM: 'chr 1' }],
    ['chromosome has a character', { CHROM: '<1' }],
    ['chromosome has a character', { CHROM: 'a,b' }],
    ['needs a ##contig line', { CHROM: 'HLA-B*07:02' }],
    ['ID has an empty part', { ID: 'rs1;' }],
    ['ID has an empty part', { ID: 'rs1 rs2' }],
    ['ID is named twice', { ID: 'rs1;rs2;rs1' }, '4.3'],
    ['ambiguity code', { REF: 'R' }],
    ['ambiguity code', { ALT: 'M' }],
    ['QUAL is below zero', { QUAL: '-1' }],
    ['QUAL is neither', { QUAL: '1e' }],
    ['FILTER has an empty part', { FILTER: 'q10;' }],
    ['FILTER has an empty part', { FILTER: 'q10;0' }],
    ['a filter is named twice', { FILTER: 'q10;s50;q10' }, '4.3'],
    ['INFO ONE: the value is not a whole number', { INFO: 'ONE=x' }],
    ['INFO ONE: the number of values', { INFO: 'ONE=1,2' }],
    ['INFO ONE: the key needs a value', { INFO: 'ONE' }],
    ['INFO ONE: the value is not a whole number', { INFO: 'ONE=2147483648' }, '4.3'],
    ['INFO ALL: the number of values', { INFO: 'ALL=0.5', ALT: 'C,G' }],
    ['INFO ALL: the value is not a number', { INFO: 'ALL=0.5.1' }],
    ['INFO YES: the key is a flag', { INFO: 'YES=2' }],
    ['INFO LETTER: the value is not one character', { INFO: 'LETTER=ab' }],
    ['INFO AC: the value is below zero', { INFO: 'DP=4;AC=-1' }],
    ['INFO CIGAR: the value is not a CIGAR', { INFO: 'CIGAR=3Q' }],
    ['INFO : a key is empty', { INFO: 'DP=4;;AC=1' }],
    ['INFO ONE: the key is given twice', { INFO: 'ONE=1;ONE=1' }, '4.3'],
    ['INFO odd: the key is given twice', { INFO: 'odd=1;DP=2;odd=1' }, '4.3'],
    ['INFO a-b: a key is empty or has', { INFO: 'a-b=1' }, '4.3'],
    ['GT must be the first', { FORMAT: 'DP:GT', S: '1:0/1' }],
    ['a key of FORMAT is given twice', { FORMAT: 'GT:DP:DP', S: '0/1:1:1' }],
    ['a key of FORMAT is empty', { FORMAT: 'GT:X_Y', S: '0/1:1' }],
    ['a key of FORMAT is empty', { FORMAT: 'GT:1X', S: '0/1:1' }, '4.3'],
    ['GT: the genotype is empty', { S: '/0/1' }],
    ['GT: the genotype is malformed', { S: '0/2' }],
  ])('%s: %o', (message, columns, version) => {
    const failure = refusal(columns, version)
    expect(failure?.message).toContain(message)
    expect(failure?.column).toBeGreaterThanOrEqual(0)
  })

  test.each<[Record<string, string>, ('4.1' | '4.2' | '4.3')?]>([
    [{ CHROM: 'HLA-A*01:01:01:01' }],
    [{ CHROM: '<1>' }],
    [{ ID: 'rs1;rs1' }],
    [{ ID: 'rs1;rs2' }, '4.3'],
    [{ QUAL: '-0.0' }],
    [{ QUAL: '+Inf' }],
    [{ FILTER: 'my-filter;f_2' }, '4.3'],
    [{ INFO: 'ONE=7;ALL=.;YES;DB=1;odd;more=a b' }],
    [{ INFO: 'ONE=1;ONE=1' }],
    [{ INFO: 'TEXT=one, two;CSQ=' }],
    [{ INFO: 'AC=.;AF=1e-3;1000G' }, '4.3'],
    [{ INFO: 'DP=4;' }],
    [{ INFO: 'DP=9999999999' }],
    [{ FORMAT: 'GT:MIN_DP', S: '0/1:3' }],
    [{ FORMAT: 'GT:X_Y', S: '0/1:1' }, '4.3'],
  ])('read as they are: %o', (columns, version) => {
    expect(refusal(columns, version)).toBeUndefined()
  })

  test('more undeclared keys than anyone writes are refused', () => {
    const keys = (n: number) => Array.from({ length: n }, (_, k) => `K${k}`).join(';')
    expect(refusal({ INFO: keys(1024) }, '4.3')).toBeUndefined()
    expect(refusal({ INFO: keys(1025) }, '4.3')?.message).toContain('1,024 keys')
  })
})

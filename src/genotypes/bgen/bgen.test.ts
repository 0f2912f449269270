import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isUpturnError } from '../../errors/index.ts'
import type { OpenOptions } from '../import/file.ts'
import { detectFormat } from '../import/format.ts'
import { importGenotypes } from '../import/import.ts'
import { inspectGenotypes } from '../inspect/inspect.ts'
import { mergeRegions, parseRegion } from '../regions/regions.ts'
import { openStore } from '../store/open.ts'
import { host, numbers, randomCohort, scratchFolder, workshop, writeBed } from '../testing/cohort.ts'
import { inspectBytes, memorySource } from '../testing/inspect-bytes.ts'
import { readBgenHeader } from './header.ts'
import { planBgenChunks } from './plan.ts'
import { bgenBytes, type StoredCall, type StoredFile, type StoredVariant } from './testing/write-bgen.ts'

const folder = scratchFolder()
const { signal } = new AbortController()
let made = 0

/** Imports a file under a name of its own. */
async function imported(bytes: Uint8Array, options: OpenOptions & { beside?: string } = { ref: 'first' }) {
  const { beside, ...open } = options
  const path = join(folder, `f${made++}.bgen`)
  writeFileSync(path, bytes)
  if (beside !== undefined) writeFileSync(path.replace('.bgen', '.sample'), beside)
  const out = `${path}-store`
  const summary = await importGenotypes(
    { files: [{ path, format: 'bgen', ...open }], build: 'GRCh38' },
    out,
    workshop(),
  )
  return { summary, out, path }
}

async function keysOf(out: string) {
  const store = await openStore(host, out)
  const lines: string[] = []
  for (const block of store.header.blocks.keys()) {
    const keys = await store.keys(block)
    for (const [v, name] of keys.chromosome.entries())
      lines.push([name, keys.position[v], keys.ref[v], keys.alt[v], keys.rsid[v]].join(' '))
  }
  const { samples } = store.header
  await store.close()
  return { samples, lines }
}

const people = 37
const ids = Array.from({ length: people }, (_, s) => `P${String((s * 7) % people).padStart(3, '0')}`)

/** Probabilities of one in ten missing people, the others certain in half of the variants. */
function randomFile(layout: 1 | 2, variants: number, rest: Partial<StoredFile> = {}): StoredFile {
  const random = numbers(variants)
  return {
    layout,
    compression: 'none',
    ids,
    variants: Array.from({ length: variants }, (_, v): StoredVariant => {
      const one = layout === 1 ? 32768 : 255
      return {
        id: `id${v}`,
        rsid: v % 3 === 0 ? '' : `rs${v}`,
        chromosome: v < variants / 2 ? '01' : 'chrX',
        position: 100 + 10 * (v % (variants / 2)),
        calls: ids.map((): StoredCall => {
          const missing = random() < 0.1
          if (missing) return { missing, values: layout === 1 ? [0, 0, 0] : [0, 0] }
          const a = v % 2 === 0 ? one * Math.floor(2 * random()) : Math.floor(random() * (one + 1))
          const b = v % 2 === 0 ? one - a : Math.floor(random() * (one - a + 1))
          return { values: layout === 1 ? [a, b, one - a - b] : [a, b] }
        }),
      }
    }),
    ...rest,
  }
}

describe('reading', () => {
  test('compression, free bytes and the four letters change nothing', async () => {
    const digests = new Set<string>()
    for (const layout of [1, 2] as const)
      for (const compression of ['none', 'zlib', 'zstd'] as const)
        for (const rest of [{}, { free: 5, slack: 9, magic: '\0\0\0\0' }]) {
          if (layout === 1 && compression === 'zstd') continue
          const { summary, path } = await imported(bgenBytes(randomFile(layout, 60, { compression, ...rest })))
          expect(summary).toMatchObject({
            format: 'bgen',
            variants: 60,
            records: 60,
            variantsWithDosages: 30,
            dropped: {},
          })
          digests.add(`${layout} ${summary.storeDigest}`)
          expect(await detectFormat(host, path)).toBe('bgen')
          expect((await inspectGenotypes(path, host, signal)).digest).toBe(summary.storeDigest)
        }
    expect(digests.size).toBe(2)
  })

  test('certain genotypes give the store that BED gives, either allele being the reference', async () => {
    const cohort = randomCohort(4, people, 200)
    const prefix = join(folder, 'certain')
    await writeBed(prefix, cohort)
    const bed = (await inspectGenotypes(`${prefix}.bed`, host, signal)).digest
    for (const reference of ['first', 'last'] as const)
      for (const phased of [false, true]) {
        const variants = cohort.codes.map((row, v): StoredVariant => {
          const alleles = [cohort.keys.ref[v], cohort.keys.alt[v]]
          return {
            rsid: cohort.keys.rsid[v],
            chromosome: cohort.keys.chromosome[v],
            position: cohort.keys.position[v],
            alleles: reference === 'first' ? alleles : alleles.reverse(),
            phased,
            bits: 1 + (v % 32),
            calls: row.map((code) => {
              if (code === 3) return { missing: true, values: [0, 0] }
              const first = reference === 'first' ? 2 - code : code
              const one = 2 ** (1 + (v % 32)) - 1
              if (phased) return { values: [first > 0 ? one : 0, first > 1 ? one : 0] }
              return { values: [first === 2 ? one : 0, first === 1 ? one : 0] }
            }),
          }
        })
        const bytes = bgenBytes({ layout: 2, compression: 'zlib', ids: cohort.samples, variants })
        expect((await imported(bytes, { ref: reference })).summary.storeDigest).toBe(bed)
      }
  })

  test('records of several alleles become one variant an alternate allele; names, positions and labels are tidied', async () => {
    const calls = (values: number[]) => ids.slice(0, 2).map(() => ({ values }))
    const { summary, out } = await imported(
      bgenBytes({
        layout: 2,
        compression: 'none',
        ids: ids.slice(0, 2),
        variants: [
          {
            chromosome: '01',
            position: 5,
            id: 'a',
            rsid: '.',
            alleles: ['A', 'C', 'g'],
            calls: calls([255, 0, 0, 0, 0]),
          },
          { chromosome: '23', position: 6, id: 'b', rsid: '', alleles: ['TA', 'TAA'], calls: calls([0, 255]) },
          { chromosome: 'chr07', position: 7, id: '', rsid: '', alleles: ['T', '<DEL>'], calls: calls([0, 255]) },
          { chromosome: '7', position: 8, id: '', rsid: 'c', alleles: ['T', 'C'], calls: calls([0, 255]) },
          { chromosome: 'NA', position: 8, alleles: ['T', 'C'], calls: calls([0, 255]) },
          { chromosome: '7', position: 0, alleles: ['T', 'C'], calls: calls([0, 255]) },
          { chromosome: '7', position: 9, alleles: ['T'], calls: calls([]) },
          { chromosome: '7', position: 9, alleles: ['0', 'T'], calls: calls([0, 255]) },
          { chromosome: '7', position: 9, alleles: ['T', '.'], calls: calls([0, 255]) },
        ],
      }),
    )
    expect(summary).toMatchObject({
      records: 9,
      variants: 4,
      dropped: {
        'allele that is no sequence': 1,
        'contig that is not studied': 1,
        'no alternate allele': 2,
        'no position': 1,
        'unknown reference allele': 1,
      },
    })
    expect((await keysOf(out)).lines).toEqual(['1 5 A C a', '1 5 A G a', '7 8 T C c', 'X 6 T TA b'])
  })

  test('the last allele as the reference of a record of three', async () => {
    const variants = [{ alleles: ['A', 'C', 'G'], calls: [{ values: [0, 255, 0, 0, 0] }] }]
    const { out } = await imported(bgenBytes({ layout: 2, compression: 'none', ids: ['x'], variants }), {
      ref: 'last',
    })
    expect((await keysOf(out)).lines.map((line) => line.trim())).toEqual(['1 1 G A', '1 1 G C'])
  })

  test('chunks of any size give one store, and long blocks are passed over instead of read', async () => {
    const many = 40_000
    const calls = Array.from({ length: many }, (_, s) => ({ values: [s % 256, 0] }))
    const file: StoredFile = {
      layout: 2,
      compression: 'none',
      variants: Array.from({ length: 30 }, (_, v) => ({ position: v + 1, calls })),
    }
    const bytes = bgenBytes(file)
    let read = 0
    const source = memorySource('long.bgen', bytes)
    const counting = {
      ...source,
      read: async (start: number, end: number) => {
        const part = await source.read(start, end)
        read += part.length
        return part
      },
    }
    const header = await readBgenHeader(counting)
    const chunks = await planBgenChunks(counting, header, { ref: 'first' })
    expect(chunks.length).toBeGreaterThan(1)
    expect(chunks[0].start).toBe(header.firstVariant)
    expect(chunks.at(-1)?.end).toBe(bytes.length)
    for (const [k, chunk] of chunks.slice(1).entries()) {
      expect(chunk.start).toBe(chunks[k].end)
      expect(chunk.first).toBe(chunks[k].first + chunks[k].variants)
    }
    expect(read).toBeLessThan((1 << 20) + 30 * 4096 + 100)
    // Of regions only their variants are read, wherever they stand.
    const regions = mergeRegions([parseRegion('1:3-4'), parseRegion('1:20'), parseRegion('2')])
    expect(
      (await planBgenChunks(counting, header, { ref: 'first', regions })).map(({ first, variants }) => [
        first,
        variants,
      ]),
    ).toEqual([
      [2, 2],
      [19, 1],
    ])
    const samples = `ID\n0\n${calls.map((_, s) => `s${String(s).padStart(6, '0')}\n`).join('')}`
    expect((await imported(bytes, { ref: 'first', beside: samples })).summary.variants).toBe(30)
  })
})

test('alleles of megabases are read, and too long ones refused', async () => {
  const calls = [{ values: [255, 0] }]
  const file = (length: number) =>
    bgenBytes({
      layout: 2,
      compression: 'none',
      ids: ['x'],
      variants: [
        { position: 1, calls },
        { position: 2, alleles: ['A'.repeat(length), 'C'], calls },
        { position: 3, calls },
      ],
    })
  expect((await imported(file(3 << 20))).summary.variants).toBe(3)
  await expect(imported(file((4 << 20) + 1))).rejects.toThrow(/^variant 2 .*longer than 4 MiB/)
  const many = {
    position: 1,
    alleles: Array.from({ length: 17 }, () => 'A'.repeat(4 << 20)),
    calls: [{ ploidy: 0, values: [] }],
  }
  for (const [alleles, message] of [
    [16, /^variant 1 .*longer than 64 MiB/],
    [15, /named twice/],
  ] as const) {
    const variants = [{ ...many, alleles: many.alleles.slice(0, alleles) }]
    await expect(imported(bgenBytes({ layout: 2, compression: 'none', ids: ['x'], variants }))).rejects.toThrow(message)
  }
})

describe('people', () => {
  const file = (named: boolean) => {
    const { ids: names, ...rest } = randomFile(2, 4)
    return bgenBytes(named ? { ...rest, ids: names } : rest)
  }
  const sample = (lines: readonly string[]) => `ID_1 ID_2 missing sex\n0 0 0 D\n${lines.join('\n')}\n`

  test('come from a .sample file beside the BGEN file, or a named one, with their sex', async () => {
    const text = sample(ids.map((id, s) => `f${s} ${id} 0 ${s % 3}`))
    const { summary } = await imported(file(false), { ref: 'first', beside: text })
    expect(summary.sexes[ids[1]]).toBe('male')
    expect(summary.sexes[ids[2]]).toBe('female')
    expect(summary.sexes[ids[3]]).toBe(null)
    const other = join(folder, 'other.sample')
    writeFileSync(other, text)
    for (const named of [true, false])
      expect((await imported(file(named), { ref: 'first', sample: other })).summary.storeDigest).toBe(
        summary.storeDigest,
      )
    expect((await imported(file(true))).summary.storeDigest).toBe(summary.storeDigest)
  })

  test('take new names where the old ones are ID_1', async () => {
    const text = sample(ids.map((id, s) => `${id} new${s} 0 0`))
    const { out } = await imported(file(true), { ref: 'first', beside: text })
    expect((await keysOf(out)).samples).toContain('new5')
    const joined = sample(ids.map((id) => id.replace(/^P/, 'P ').concat(' 0 0')))
    const parts = bgenBytes({ ...randomFile(2, 4), ids: ids.map((id) => id.replace(/^P/, 'P_')) })
    expect((await keysOf((await imported(parts, { ref: 'first', beside: joined })).out)).samples).toContain('005')
  })

  test.each<[string, string, RegExp]>([
    ['other people', sample(ids.map((_, s) => `x${s} x${s} 0 0`)), /person 1 is x0 here and P000 in/],
    ['another order', sample([ids[0], ids[2], ids[1], ...ids.slice(3)].map((id) => `0 ${id} 0 0`)), /person 2 is P014/],
    ['fewer people', sample(ids.slice(1).map((id) => `0 ${id} 0 0`)), /names 36 people, .* holds 37/],
  ])('%s in the .sample file are refused', async (_, beside, message) => {
    await expect(imported(file(true), { ref: 'first', beside })).rejects.toThrow(message)
  })

  test('are numbered by inspect alone where nobody names them', async () => {
    await expect(imported(file(false))).rejects.toThrow(/name their .sample file/)
    const path = join(folder, 'nameless.bgen')
    writeFileSync(path, file(false))
    expect(await inspectGenotypes(path, host, signal)).toMatchObject({
      samples: people,
      notes: [expect.stringContaining('numbered'), expect.stringContaining('ref: first')],
    })
    expect((await inspectGenotypes(path, host, signal, { open: { ref: 'last' } })).notes.length).toBe(1)
  })
})

describe('refusals', () => {
  const base = randomFile(2, 6, { compression: 'none' })
  const bytes = bgenBytes(base)
  const first = 4 + new DataView(bytes.buffer).getUint32(0, true)
  /** Bytes of a variant of the file, every one alike but for lengths of labels. */
  const changed = (at: number, ...values: number[]) => {
    const copy = bytes.slice()
    copy.set(values, at)
    return copy
  }

  test('which allele is the reference must be said', async () => {
    await expect(imported(bytes, {})).rejects.toThrow(/ref: first \(as for UK Biobank\) or ref: last/)
  })
  test('which allele is the reference cannot be said of other formats', async () => {
    const file = { path: join(folder, 'certain.bed'), format: 'bed', ref: 'first' as const }
    await expect(
      importGenotypes({ files: [file], build: 'GRCh38' }, join(folder, 'never'), workshop()),
    ).rejects.toThrow(/for BGEN alone/)
    expect(existsSync(join(folder, 'never'))).toBe(false)
  })

  test.each<[string, Uint8Array, string, RegExp]>([
    ['nothing', bytes.subarray(0, 10), 'FileTruncated', /within the header/],
    ['no letters', changed(16, 0x42), 'FormatInvalid', /no BGEN file/],
    ['a header of 19 bytes', changed(4, 19), 'FormatInvalid', /19 bytes/],
    ['a header beyond the first variant', changed(4, 255, 255), 'FormatInvalid', /65535 bytes/],
    ['a cut before the first variant', bytes.subarray(0, first - 1), 'FileTruncated', /before its first variant/],
    ['layout 0', changed(20, 0), 'FormatInvalid', /BGEN 1.0/],
    ['layout 3', changed(20, 12), 'FormatInvalid', /no layout 3/],
    ['compression 3', changed(20, 11), 'FormatInvalid', /no compression 3/],
    ['Zstandard of layout 1', changed(20, 6), 'FormatInvalid', /no compression 2 for layout 1/],
    ['unknown flags', changed(21, 1), 'FormatInvalid', /flags/],
    ['nobody', changed(12, 0), 'FormatInvalid', /holds nobody/],
    ['too many people', changed(12, 0, 0, 0, 255), 'FormatInvalid', /at most ten million/],
    ['other people than ids', changed(12, 36), 'FormatInvalid', /says 36 people/],
    ['a block of ids that is too long', changed(24, 255, 255), 'FormatInvalid', /does not fit/],
    ['a block of ids that is too short', changed(24, 100), 'FormatInvalid', /ends within person/],
    ['an id that is too long', changed(32, 255, 3), 'FormatInvalid', /ends within person 1/],
    ['an id with a line feed', changed(34, 10), 'FormatInvalid', /control character/],
    ['an id that is no text', changed(34, 255), 'FormatInvalid', /no UTF-8/],
    ['a double id', changed(34, ...new TextEncoder().encode('P007')), 'FormatInvalid', /both person 1 and person 2/],
    ['no variant', changed(8, 0), 'FormatInvalid', /no variant/],
    ['more variants than there are', changed(8, 7), 'FileTruncated', /^variant 7 .*this one of 7/],
    ['fewer variants than there are', changed(8, 5), 'FormatInvalid', /bytes follow the last of the 5/],
    ['a cut within a variant', bytes.subarray(0, -1), 'FileTruncated', /^variant 6/],
  ])('%s', async (_, broken, code, message) => {
    const error = await imported(broken).catch((caught: unknown) => caught)
    if (!isUpturnError(error)) throw error
    expect(error.code).toBe(code)
    expect(error.message).toMatch(message)
    expect(error.place.file).toContain('.bgen')
  })

  const one = (variant: Partial<StoredVariant>, rest: Partial<StoredFile> = {}) =>
    bgenBytes({
      layout: 2,
      compression: 'none',
      ids: ['a', 'b'],
      variants: [
        { calls: [{ values: [0, 0] }, { values: [0, 0] }] },
        { position: 2, calls: [{ values: [0, 0] }, { values: [0, 0] }], ...variant },
      ],
      ...rest,
    })
  test.each<[string, Uint8Array, RegExp]>([
    ['a position of 2^31', one({ position: 2 ** 31 }), /^variant 2 \(byte \d+\): the position is not below 2\^31/],
    ['no allele', one({ alleles: [], calls: [{ values: [] }, { values: [] }] }), /^variant 2 .*no allele/],
    [
      'an allele twice',
      one({ alleles: ['T', 'A', 'a'], calls: [{ values: [0, 0, 0, 0, 0] }, { values: [0, 0, 0, 0, 0] }] }),
      /^variant 2 .*the allele A is named twice/,
    ],
    ['a label with a tab', one({ rsid: 'r\ts' }), /^variant 2 .*control character/],
    [
      'a sum above one',
      one({ calls: [{ values: [0, 0] }, { values: [255, 1] }] }),
      /^variant 2 .*person 2: .*more than one/,
    ],
  ])('%s is refused with its variant and byte', async (_, broken, message) => {
    const error = await imported(broken).catch((caught: unknown) => caught)
    if (!isUpturnError(error, 'FormatInvalid')) throw error
    expect(error.message).toMatch(message)
    expect(error.details).toMatchObject({ variant: 2, byte: expect.any(Number) })
  })

  test('declared sizes are checked before anything is allocated', async () => {
    for (const [compression, layout] of [
      ['none', 2],
      ['zlib', 2],
      ['zlib', 1],
      ['zstd', 2],
    ] as const) {
      const { variants } = randomFile(layout, 2)
      const good = bgenBytes({ layout, compression, ids, variants })
      const start = 4 + new DataView(good.buffer).getUint32(0, true)
      // Behind the labels, the position and two alleles of one letter.
      const sizeAt = start + (layout === 1 ? 4 : 2) + 6 + 3 + 0 + 2 + 4 + 10
      const view = new DataView(good.buffer)
      const stored = view.getUint32(sizeAt, true)
      expect(stored).toBeGreaterThan(20)
      expect(stored).toBeLessThan(400)
      for (const value of [0, 3, 9, stored - 1, stored + 1, 2 ** 28 + 1, 2 ** 31, 2 ** 32 - 1])
        for (const field of compression === 'none' || layout === 1 ? [0] : [0, 4]) {
          if (field === 4 && value === view.getUint32(sizeAt + 4, true)) continue
          const broken = good.slice()
          new DataView(broken.buffer).setUint32(sizeAt + field, value, true)
          const error = await imported(broken).catch((caught: unknown) => caught)
          if (!isUpturnError(error)) throw new Error(`${compression} ${layout} ${field} ${value} was not refused`)
          expect(['FormatInvalid', 'FileDamaged', 'FileTruncated']).toContain(error.code)
        }
    }
  })

  test('damage within compressed genotypes is found by their checksum', async () => {
    const good = bgenBytes(randomFile(2, 1, { compression: 'zlib' }))
    const { storeDigest } = (await imported(good)).summary
    for (let back = 1; back <= 40; back++) {
      const broken = good.slice()
      broken[broken.length - back] ^= 16
      const error = await imported(broken).catch((caught: unknown) => caught)
      // The last byte of DEFLATE may be filled up with bits that mean nothing.
      if (!isUpturnError(error)) expect([back, error]).toMatchObject([5, { summary: { storeDigest } }])
      else {
        expect(error.code).toBe('FileDamaged')
        expect(error.message).toMatch(/^variant 1 \(byte/)
      }
    }
  })
})

test('any bytes give what an import would, or a tagged error', { timeout: 60_000 }, async () => {
  const seeds = [
    randomFile(1, 6, { compression: 'zlib' }),
    randomFile(1, 4),
    randomFile(2, 6),
    randomFile(2, 6, { compression: 'zlib' }),
    randomFile(2, 6, { compression: 'zstd', free: 3 }),
    { ...randomFile(2, 4), ids: undefined },
    {
      layout: 2,
      compression: 'none',
      ids: ['a', 'b', 'c'],
      variants: [
        {
          alleles: ['A', 'C', 'GT'],
          bits: 5,
          calls: [
            { ploidy: 1, values: [3, 4] },
            { ploidy: 3, values: [1, 0, 2, 0, 0, 0, 0, 0, 9] },
            { ploidy: 0, values: [] },
          ],
        },
      ],
    },
  ].map((file) => bgenBytes(file as StoredFile))
  for (const bytes of seeds) expect(isUpturnError(await inspectBytes('seed.bgen', bytes))).toBe(false)
  let read = 0
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...seeds),
      fc.array(
        fc.tuple(fc.nat(), fc.constantFrom(0, 1, 2, 127, 128, 255, -1), fc.constantFrom('set', 'add', 'cut', 'drop')),
        {
          minLength: 1,
          maxLength: 4,
        },
      ),
      async (seed, changes) => {
        let bytes = seed.slice()
        for (const [where, value, how] of changes) {
          // Half of the changes in the first 100 bytes.
          const at =
            bytes.length === 0
              ? 0
              : where % 2 === 0
                ? (where >> 1) % Math.min(100, bytes.length)
                : (where >> 1) % bytes.length
          if (how === 'set') bytes[at] = value & 255
          else if (how === 'add') bytes[at] = (bytes[at] + value) & 255
          else if (how === 'cut') bytes = where % 8 === 0 ? bytes.slice(0, at) : bytes
          else bytes = Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + 1)])
        }
        if (!isUpturnError(await inspectBytes('mutant.bgen', bytes))) read++
      },
    ),
    { numRuns: 2000 },
  )
  expect(read).toBeGreaterThan(20)
})

test('a file that is cut anywhere is refused', async () => {
  const bytes = bgenBytes(randomFile(2, 4, { compression: 'zlib' }))
  for (let end = 0; end < bytes.length; end++) {
    const found = await inspectBytes('cut.bgen', bytes.slice(0, end))
    expect(isUpturnError(found), String(end)).toBe(true)
  }
})

test('a BGEN file whose first bytes are those of another format is still one', async () => {
  for (const [low, high] of [
    [0x6c, 0x1b],
    [0x1f, 0x8b],
  ]) {
    const wanted = low | (high << 8)
    const file = randomFile(2, 4)
    const plain = new DataView(bgenBytes(file).buffer).getUint32(0, true)
    const bytes = bgenBytes({ ...file, slack: wanted - plain })
    expect([...bytes.subarray(0, 2)]).toEqual([low, high])
    const path = join(folder, 'masked')
    writeFileSync(path, bytes)
    expect(await detectFormat(host, path)).toBe('bgen')
    rmSync(path)
  }
})

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isUpturnError } from '../../errors/index.ts'
import { chromosomeRank } from '../import/chromosome.ts'
import { host, numbers, scratchFolder, writeBgzf } from '../testing/cohort.ts'
import { FastaIndexer, parseFai } from './fai.ts'
import { glanceAtReference, openReference, type ReferenceSequence } from './fasta.ts'

const folder = scratchFolder()
let made = 0
const fresh = (ending: string) => join(folder, `${made++}${ending}`)

interface Sequence {
  name: string
  bases: string
}

/** FASTA text and what `samtools faidx` says of it, made the plain way. */
function fasta(sequences: readonly Sequence[], width: number, end: string, lastEnd = true) {
  let text = ''
  let fai = ''
  for (const [k, { name, bases }] of sequences.entries()) {
    text += `>${name} of the test${end}`
    fai += `${name.split(' ')[0]}\t${bases.length}\t${text.length}\t${bases.length === 0 ? 0 : Math.min(width, bases.length)}\t${bases.length === 0 ? 0 : Math.min(width, bases.length) + end.length}\n`
    for (let at = 0; at < bases.length; at += width) text += bases.slice(at, at + width) + end
    if (!lastEnd && k === sequences.length - 1) text = text.slice(0, -end.length)
  }
  return { text, fai }
}

function randomBases(length: number, seed: number, letters = 'ACGTacgtN'): string {
  const random = numbers(seed)
  return Array.from({ length }, () => letters[Math.floor(random() * letters.length)]).join('')
}

async function basesOf(reference: ReferenceSequence, rank: number, from: number, to: number): Promise<string> {
  let text = ''
  for (let position = from; position <= to; position++) {
    if (reference.base(rank, position) < 0) await reference.load(rank, position)
    const base = reference.base(rank, position)
    text += base === 0 ? '.' : String.fromCharCode(base)
  }
  return text
}

const shown = (bases: string) => bases.toUpperCase().replaceAll(/[^ACGT]/g, 'N')

describe('a reference sequence', () => {
  const sequences = [
    { name: 'chr1', bases: randomBases(700_000, 1) },
    { name: 'chr2', bases: randomBases(61, 2) },
    { name: 'chrUn_1', bases: randomBases(300, 3) },
    { name: 'chrX', bases: `${randomBases(999, 4)}R` },
  ]

  test('is read alike from plain and bgzipped files, with and without an index, whatever the line ends', async () => {
    for (const end of ['\n', '\r\n'])
      for (const compressed of [false, true])
        for (const indexed of [false, true]) {
          const { text, fai } = fasta(sequences, 61, end, end === '\n')
          const path = fresh(compressed ? '.fa.gz' : '.fa')
          if (compressed) await writeBgzf(path, text)
          else writeFileSync(path, text)
          if (indexed) writeFileSync(`${path}.fai`, fai)
          const reference = await openReference(host, path)
          try {
            expect([0, 1, 2, 22, 24].map((rank) => reference.length(rank))).toEqual([700_000, 61, 0, 1000, 0])
            // Across a page, both ends of sequences, and back again.
            for (const [rank, from, to] of [
              [0, 262_100, 262_200],
              [22, 900, 1001],
              [0, -1, 130],
              [1, 1, 62],
              [0, 699_950, 700_002],
            ]) {
              const whole = sequences.find(({ name }) => chromosomeRank(name) === rank)?.bases ?? ''
              const expected = Array.from({ length: to - from + 1 }, (_, k) => {
                const base = whole[from + k - 1]
                return base === undefined ? '.' : shown(base)
              })
              expect(await basesOf(reference, rank, from, to)).toBe(expected.join(''))
            }
          } finally {
            await reference.close()
          }
        }
  })

  test('places are those of samtools faidx, however the text comes in pieces', () => {
    const sequence = fc.record({
      name: fc.constantFrom('1', 'chr2', 'HLA:x'),
      bases: fc.array(fc.constantFrom('A', 'C', 'g', 'n'), { maxLength: 40 }).map((letters) => letters.join('')),
    })
    fc.assert(
      fc.property(
        fc.array(sequence, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom('\n', '\r\n'),
        fc.array(fc.nat(300), { maxLength: 6 }),
        (list, width, end, cuts) => {
          const { text, fai } = fasta(list, width, end)
          const bytes = new TextEncoder().encode(text)
          const indexer = new FastaIndexer('x.fa')
          let from = 0
          for (const cut of [...cuts.filter((at) => at <= bytes.length).sort((a, b) => a - b), bytes.length]) {
            indexer.push(bytes.subarray(from, cut))
            from = cut
          }
          const found = indexer.finish()
          const expected = parseFai(fai, 'x.fai', bytes.length)
          expect(found.map(({ name, length, offset }) => [name, length, offset])).toEqual(
            expected.map(({ name, length, offset }) => [name, length, offset]),
          )
          for (const [k, place] of found.entries())
            if (place.length > 0)
              expect([place.lineBases, place.lineBytes]).toEqual([expected[k].lineBases, expected[k].lineBytes])
        },
      ),
    )
  })

  test('refuses what it cannot read, with the reason', async () => {
    const refused = async (path: string) => {
      const error = await openReference(host, path).catch((caught: unknown) => caught)
      if (!isUpturnError(error)) throw new Error(`${path} was not refused: ${String(error)}`)
      return error
    }
    const write = (text: string | Uint8Array) => {
      const path = fresh('.fa')
      writeFileSync(path, text)
      return path
    }
    expect((await refused(write('ACGT\n'))).message).toMatch(/first character is not ">"/)
    expect((await refused(write(''))).message).toMatch(/no FASTA file/)
    expect((await refused(write(gzipSync('>1\nACGT\n')))).message).toMatch(/compress it with bgzip/)
    expect((await refused(write('>HLA\nACGT\n'))).message).toMatch(/no sequence is named like a chromosome/)
    expect((await refused(write('>1\nACGT\n>chr1\nAC\n'))).message).toMatch(/1 and chr1 are both chromosome 1/)
    const ragged = await refused(write('>1\nACGT\nAC\nACGT\n'))
    expect(ragged.message).toMatch(/not equally long/)
    expect(ragged.place.line).toBe(4)
    expect((await refused(write('>1\nACGT\nACGTA\n'))).message).toMatch(/not equally long/)
    const short = write('>1\nACGT\n')
    writeFileSync(`${short}.fai`, '1\t4000\t3\t60\t61\n')
    expect((await refused(short)).message).toMatch(/do not belong together/)
    const words = write('>1\nACGT\n')
    writeFileSync(`${words}.fai`, '1\tfour\t3\t4\t5\n')
    expect((await refused(words)).place.line).toBe(1)
    await expect(glanceAtReference(host, words)).rejects.toThrow(/four whole numbers/)
  })

  test('an index of another file is found out, and so is text that is no sequence', async () => {
    const { text, fai } = fasta([{ name: '1', bases: randomBases(500, 9) }], 50, '\n')
    const path = fresh('.fa')
    writeFileSync(path, `>0 extra\nAC\n${text}`)
    writeFileSync(`${path}.fai`, fai)
    const reference = await openReference(host, path)
    await expect(reference.load(0, 1)).rejects.toThrow(/not the index of this FASTA/)
    await reference.close()
    const odd = fresh('.fa')
    writeFileSync(odd, '>1\nACG?\n')
    const second = await openReference(host, odd)
    await expect(second.load(0, 1)).rejects.toThrow(/no base around base 4/)
    await second.close()
  })

  test('a bgzipped file that is cut anywhere, or damaged, is refused', async () => {
    const { text } = fasta([{ name: '1', bases: randomBases(150_000, 12) }], 70, '\n')
    const path = fresh('.fa.gz')
    await writeBgzf(path, text)
    const whole = readFileSync(path)
    for (const at of [20, 30_000, 60_000, whole.length - 28, whole.length - 1]) {
      const cut = fresh('.fa.gz')
      writeFileSync(cut, whole.subarray(0, at))
      const error: unknown = await openReference(host, cut).catch((caught: unknown) => caught)
      expect(isUpturnError(error, 'FileTruncated'), `cut at ${at}: ${String(error)}`).toBe(true)
    }
    const damaged = fresh('.fa.gz')
    writeFileSync(damaged, whole.with(30_000, whole[30_000] ^ 1))
    await expect(openReference(host, damaged)).rejects.toMatchObject({ code: 'FileDamaged' })
  })

  test('any bytes give a sequence or a tagged error', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(62, 10, 13, 65, 67, 0, 255, 49, 9), { maxLength: 60 }),
        fc.array(fc.constantFrom(49, 9, 10, 48, 53, 57), { maxLength: 24 }),
        fc.boolean(),
        async (bytes, index, indexed) => {
          const path = fresh('.fa')
          writeFileSync(path, Uint8Array.from([62, 49, 10, ...bytes]))
          if (indexed) writeFileSync(`${path}.fai`, Uint8Array.from(index))
          try {
            const reference = await openReference(host, path)
            try {
              await basesOf(reference, 0, 1, Math.min(100, reference.length(0)))
            } finally {
              await reference.close()
            }
          } catch (error) {
            if (!isUpturnError(error) || error.code === 'Internal') throw error
          }
        },
      ),
      { numRuns: 300 },
    )
  })
})

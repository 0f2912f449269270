// Files that convert writes are what bcftools and PLINK read; what they write of them is the same store.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { inspectGenotypes, writeGenotypes } from '../../src/genotypes/index.ts'
import { readDosages } from '../../src/genotypes/store/dosages.ts'
import { openStore } from '../../src/genotypes/store/open.ts'
import { host, numbers, randomCohort, scratchFolder, shuffled, workshop } from '../../src/genotypes/testing/cohort.ts'
import { randomDosages, writeDosageStore } from '../../src/genotypes/testing/dosage-store.ts'

const tools = ['bcftools', 'plink2']
const missing = tools.filter((tool) => spawnSync(tool, ['--version']).error !== undefined)
if (missing.length > 0) console.warn(`skipped: ${missing.join(', ')} not installed`)

const folder = scratchFolder()
const { signal } = new AbortController()
const run = (tool: string, ...args: string[]) =>
  execFileSync(tool, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 1 << 28 })

const people = 83
const cohort = randomCohort(17, people, 5000)
const samples = shuffled(people, 6).map((s) => cohort.samples[s])
const sexes = new Map(samples.map((id, s) => [id, (['male', 'female', null] as const)[s % 3]]))

async function write(store: string, name: string, format: 'vcf' | 'bcf' | 'bed') {
  return writeGenotypes({ store, format, path: join(folder, name), samples, sexes }, workshop())
}

describe.skipIf(missing.length > 0)('written files and their peers', () => {
  const plain = join(folder, 'plain')
  const dosed = join(folder, 'dosed')
  const dosages = randomDosages(5, cohort)

  test('VCF and BCF hold the same records for bcftools, one by one and by region', async () => {
    mkdirSync(plain)
    await writeDosageStore(
      plain,
      cohort,
      cohort.codes.map(() => null),
    )
    await writeDosageStore(dosed, cohort, dosages)
    for (const [store, name] of [
      [plain, 'plain'],
      [dosed, 'dosed'],
    ]) {
      await write(store, `${name}.vcf.gz`, 'vcf')
      await write(store, `${name}.bcf`, 'bcf')
      // bcftools prints the numbers of a BCF file with six digits, those of a VCF file as they are written.
      const digits = (text: string) =>
        text.replace(/:(\d[.\d]*(?:e-\d+)?)/g, (_, number: string) => `:${Math.round(Number(number) * 16384)}`)
      const records = (file: string, ...args: string[]) => digits(run('bcftools', 'view', '-H', file, ...args))
      const all = records(`${name}.vcf.gz`)
      expect(all.split('\n').length).toBe(5001)
      expect(records(`${name}.bcf`) === all).toBe(true)
      for (const [file, form] of [
        [`${name}.vcf.gz`, '.tbi'],
        [`${name}.bcf`, '.csi'],
      ]) {
        expect(Number(run('bcftools', 'index', '-n', `${file}${form}`))).toBe(5000)
      }
      const random = numbers(3)
      for (let k = 0; k < 60; k++) {
        const start = 1 + Math.floor(random() * 1_800_000)
        const region = `${['1', '2', '10', 'X'][k % 4]}:${start}-${start + Math.floor(random() ** 3 * 200_000)}`
        expect(records(`${name}.bcf`, '-r', region) === records(`${name}.vcf.gz`, '-r', region)).toBe(true)
      }
    }
    const calls = run('bcftools', 'query', '-r', 'X', '-f', '[%GT ]\n', 'plain.bcf').split('\n')[0].trim().split(' ')
    for (const [s, call] of calls.entries()) {
      const code = cohort.codes[cohort.keys.chromosome.indexOf('X')][cohort.samples.indexOf(samples[s])]
      const haploid = sexes.get(samples[s]) === 'male' && code !== 1
      expect(call).toBe((haploid ? ['0', '', '1', '.'] : ['0/0', '0/1', '1/1', './.'])[code])
    }
  })

  test('dosages are those of the store to the unit', async () => {
    const store = await openStore(host, dosed)
    const lines = run('bcftools', 'query', '-f', '[%DS ]\n', 'dosed.bcf').trimEnd().split('\n')
    const bits = samples.map((id) => store.header.samples.indexOf(id))
    const out = new Uint16Array(people)
    let compared = 0
    for (const [b, block] of store.header.blocks.entries()) {
      const genotypes = await store.genotypes(b)
      const rows = await store.dosages(b)
      for (let v = 0; v < block.variants; v++) {
        const texts = lines[block.first + v].trim().split(' ')
        if (!readDosages(rows, v, genotypes, out)) {
          expect(texts.every((text) => text === '.')).toBe(true)
          continue
        }
        expect(texts.map((text) => (text === '.' ? 65535 : Math.round(Number(text) * 16384)))).toEqual(
          bits.map((bit) => out[bit]),
        )
        compared += people
      }
    }
    await store.close()
    expect(compared).toBeGreaterThan(100_000)
  })

  test('what bcftools and PLINK make of the files is the same store', async () => {
    await write(plain, 'plain', 'bed')
    run('bcftools', 'view', '-Ob', '-o', 'again.bcf', 'plain.vcf.gz')
    run('bcftools', 'view', '-Oz', '-o', 'again.vcf.gz', 'plain.bcf')
    run('plink2', '--bfile', 'plain', '--make-bed', '--out', 'again')
    const digests = new Set<string>()
    for (const name of ['plain.vcf.gz', 'plain.bcf', 'plain.bed', 'again.bcf', 'again.vcf.gz', 'again.bed'])
      digests.add((await inspectGenotypes(join(folder, name), host, signal)).digest)
    expect(digests.size).toBe(1)
  })
})

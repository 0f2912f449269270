// The conformance corpus of the VCF specification (samtools/hts-specs, test/vcf), where it is at hand.
import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { describeError, isUpturnError } from '../../src/errors/index.ts'
import { inspectGenotypes } from '../../src/genotypes/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'

const corpus = fileURLToPath(new URL('../../../shared/data/vcf-spec', import.meta.url))
const present = existsSync(corpus)
if (!present) console.warn(`skipped: the VCF conformance corpus is not at ${corpus}`)

const host = nodeHost()
const { signal } = new AbortController()

/** Files of the corpus that must be refused and are, by version: the rest break rules that no genotype depends on. */
const refusedAtLeast: Readonly<Record<string, number>> = { '4.1': 27, '4.2': 27, '4.3': 34 }

function files(version: string, kind: string): string[] {
  const folder = `${corpus}/${version}/${kind}`
  return existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.vcf'))
        .map((name) => `${folder}/${name}`)
    : []
}

describe.skipIf(!present)('VCF conformance corpus', () => {
  test.each(present ? ['4.1', '4.2', '4.3', '4.5'] : [])('%s: every valid file is read', async (version) => {
    const paths = files(version, 'passed')
    expect(paths.length).toBeGreaterThan(0)
    const refused: string[] = []
    for (const path of paths) {
      try {
        await inspectGenotypes(path, host, signal)
      } catch (error) {
        refused.push(isUpturnError(error) ? describeError(error) : String(error))
      }
    }
    expect(refused).toEqual([])
  })

  test.each(Object.keys(refusedAtLeast))('%s: invalid files are refused with their place, or read', async (version) => {
    let refused = 0
    const paths = files(version, 'failed')
    for (const path of paths) {
      try {
        await inspectGenotypes(path, host, signal)
      } catch (error) {
        if (!isUpturnError(error)) throw error
        expect(error.code).not.toBe('Internal')
        expect(error.place.file).toBe(path)
        expect(error.place.line ?? error.details.byte).toBeGreaterThan(0)
        refused++
      }
    }
    console.info(`VCF ${version}: ${refused} of ${paths.length} invalid files are refused`)
    expect(refused).toBeGreaterThanOrEqual(refusedAtLeast[version])
  })
})

// The conformance corpus of the VCF specification (samtools/hts-specs, test/vcf), where it is at hand.
import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { describeError, isUpturnError, type UpturnError } from '../../src/errors/index.ts'
import { inspectGenotypes } from '../../src/genotypes/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'

const corpus = fileURLToPath(new URL('../../../shared/data/vcf-spec', import.meta.url))
const present = existsSync(corpus)
if (!present) console.warn(`skipped: the VCF conformance corpus is not at ${corpus}`)

const host = nodeHost()
const { signal } = new AbortController()

/** Files of the corpus that must be read, and that must be refused, by version. */
const valid: Readonly<Record<string, number>> = { '4.1': 25, '4.2': 25, '4.3': 25, '4.5': 1 }
const invalid: Readonly<Record<string, number>> = { '4.1': 193, '4.2': 190, '4.3': 224 }

/** Files that the corpus counts as invalid and that are read; docs/formats.md says why. */
const open: Readonly<Record<string, readonly string[]>> = {
  // The same variant in two records: the first is kept, the others are counted.
  '4.1': [
    'failed_body_duplicated_000.vcf',
    'failed_body_duplicated_001.vcf',
    'failed_body_duplicated_003.vcf',
    // Number=1 for AC and AF, which these versions give no number.
    'failed_meta_info_008.vcf',
    'failed_meta_info_010.vcf',
  ],
  '4.2': [
    'failed_body_duplicated_000.vcf',
    'failed_body_duplicated_001.vcf',
    'failed_body_duplicated_003.vcf',
    'failed_meta_info_007.vcf',
    'failed_meta_info_009.vcf',
  ],
  '4.3': [
    'failed_body_duplicated_000.vcf',
    'failed_body_duplicated_001.vcf',
    'failed_body_duplicated_003.vcf',
    // An asterisk within a contig's name, which the specification's own expression allows.
    'failed_meta_contig_003.vcf',
  ],
}

function files(version: string, kind: string): string[] {
  const folder = `${corpus}/${version}/${kind}`
  return existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.vcf'))
        .sort()
    : []
}

/** The refusal of a file, undefined when it is read. */
async function refusal(version: string, kind: string, name: string): Promise<UpturnError | undefined> {
  try {
    await inspectGenotypes(`${corpus}/${version}/${kind}/${name}`, host, signal)
    return undefined
  } catch (error) {
    if (!isUpturnError(error)) throw error
    return error
  }
}

describe.skipIf(!present)('VCF conformance corpus', () => {
  test.each(Object.keys(valid))('%s: every valid file is read', async (version) => {
    const names = files(version, 'passed')
    expect(names.length).toBe(valid[version])
    const refused: string[] = []
    for (const name of names) {
      const error = await refusal(version, 'passed', name)
      if (error !== undefined) refused.push(`${name}: ${describeError(error)}`)
    }
    expect(refused).toEqual([])
  })

  test.each(Object.keys(invalid))('%s: invalid files are refused with file, line and column', async (version) => {
    const names = files(version, 'failed')
    expect(names.length).toBe(invalid[version])
    const read: string[] = []
    let located = 0
    for (const name of names) {
      const error = await refusal(version, 'failed', name)
      if (error === undefined) {
        read.push(name)
        continue
      }
      expect(error.code, name).not.toBe('Internal')
      expect(error.place.file).toBe(`${corpus}/${version}/failed/${name}`)
      expect(error.place.line, name).toBeGreaterThan(0)
      if (error.place.column !== undefined) located++
    }
    expect(read).toEqual(open[version])
    console.info(
      `VCF ${version}: ${names.length - read.length} of ${names.length} invalid files are refused, ${located} of them with a column`,
    )
  })
})

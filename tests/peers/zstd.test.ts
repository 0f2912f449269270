// What zstd compresses, at every level, comes out as it went in.
import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { host } from '../../src/genotypes/testing/cohort.ts'
import { randomBytes } from '../../src/host/testing/random-bytes.ts'
import { absent } from './plink.ts'

const missing = absent('zstd')
if (missing.length > 0) console.warn('skipped: zstd not installed')
/** More with UPTURN_ROUNDS=2000, say. */
const rounds = Number(process.env.UPTURN_ROUNDS ?? 120)

const levels = [
  '--fast=8',
  '-1',
  '-2',
  '-3',
  '-4',
  '-6',
  '-9',
  '-12',
  '-15',
  '-18',
  '-19',
  '--ultra -20',
  '--ultra -22',
]

describe.skipIf(missing.length > 0)('zstd', () => {
  test('and the kernel agree', async () => {
    for (let seed = 1; seed <= rounds; seed++) {
      const bytes = randomBytes(seed, [40, 3000, 200_000, 1_500_000][seed % 4])
      const level = levels[seed % levels.length].split(' ')
      const form = [
        ['--no-check'],
        ['--check'],
        ['--long=22'],
        ['--rsyncable', '-T2'],
        ['--no-content-size'],
        ['--target-compressed-block-size=1340'],
      ][seed % 6]
      const packed = execFileSync('zstd', ['-q', '-c', ...level, ...form], { input: bytes, maxBuffer: 1 << 28 })
      const whole = await host.inflateZstd(packed, bytes.length)
      expect(Buffer.compare(whole, bytes), `seed ${seed}`).toBe(0)
      const parts: Uint8Array[] = []
      async function* twice() {
        for (const stream of [packed, packed])
          for (let at = 0; at < stream.length; at += 5000) yield stream.subarray(at, at + 5000)
      }
      for await (const part of host.inflateZstdPieces(twice())) parts.push(part)
      expect(Buffer.compare(Buffer.concat(parts), Buffer.concat([bytes, bytes])), `seed ${seed}, in pieces`).toBe(0)
    }
  })
})

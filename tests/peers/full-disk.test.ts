import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { scratch, upturn } from '../program/upturn.ts'

const folder = scratch()
const disk = join(folder, 'disk')
mkdirSync(disk)
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk]).status === 0
afterAll(() => {
  if (mounted) spawnSync('umount', [disk])
})
if (!mounted) console.log('skipped: a small disk cannot be mounted here (needs root)')

it.skipIf(!mounted)('a full disk gives one clear message and leaves nothing', () => {
  expect(
    upturn(['simulate', '--out', join(folder, 'cohort'), '--people', '125', '--variants', '60000', '--quiet']).code,
  ).toBe(0)
  const result = upturn(['run', join(folder, 'cohort', 'study.yaml'), '--out', join(disk, 'results'), '--quiet'])
  expect(result.code).toBe(2)
  expect(result.stderr).toMatch(/no room left on this disk/)
  expect(result.stderr.trim().split('\n').length).toBe(1)
  const left = readdirSync(disk, { recursive: true }).map(String)
  expect(left.filter((name) => /partial|building|chunks|duckdb|manifest|report/.test(name))).toEqual([])
  // With room elsewhere the same command goes through.
  expect(upturn(['run', join(folder, 'cohort', 'study.yaml'), '--out', join(folder, 'results'), '--quiet']).code).toBe(
    0,
  )
})

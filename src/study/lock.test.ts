import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { temporaryFolder } from './lock.ts'

let parent: string
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'upturn-temporary-'))
})
afterEach(() => rmSync(parent, { recursive: true, force: true }))

it('a temporary folder is new, and takes away those of processes that are gone, no others', async () => {
  const machine = hostname()
  // The kernel's largest pid is 4,194,304.
  const left = [`.store-${machine}-9999999`, `.store-${machine}-${process.pid}`]
  const others = [`.store-${machine}-1`, '.store-elsewhere-9999999', `.other-${machine}-9999999`, `.store-${machine}-x`]
  for (const name of [...left, ...others]) {
    mkdirSync(join(parent, name))
    writeFileSync(join(parent, name, 'block'), '')
  }
  const folder = await temporaryFolder(parent, 'store')
  expect(readdirSync(folder)).toEqual([])
  expect(readdirSync(parent).sort()).toEqual([...others, basename(folder)].sort())
})

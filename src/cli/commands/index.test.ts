import { expect, test } from 'vitest'
import { commandsFor } from './index.ts'

test('every command of the manual is loaded alone by its name, and all of them by no name', async () => {
  const all = await commandsFor(undefined)
  const names = all.map(({ usage }) => usage.split(' ')[0])
  expect(new Set(names).size).toBe(all.length)
  for (const [i, name] of names.entries()) expect(await commandsFor(name)).toEqual([all[i]])
  for (const name of ['', 'qualty', '--help', 'toString']) expect(await commandsFor(name)).toEqual(all)
})

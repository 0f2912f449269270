import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { errorCatalogue } from '../../src/errors/index.ts'

describe('error catalogue', () => {
  it('has a page for every code that says what it means and what to do', () => {
    for (const [code, entry] of Object.entries(errorCatalogue)) {
      const page = new URL(`../../docs/errors/${code}.md`, import.meta.url)
      expect(existsSync(page), `docs/errors/${code}.md is missing: npm run docs`).toBe(true)
      const text = readFileSync(page, 'utf8')
      expect(text).toContain(entry.meaning)
      expect(text).toContain(entry.remedy)
    }
  })
})

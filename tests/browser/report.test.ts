// The report as a reader meets it: a real browser, a file on disk, no network.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { renderReport } from '../../src/report/index.ts'
import { testAssets } from '../../src/report/testing/assets.ts'
import { fixtureResults } from '../../src/report/testing/fixture.ts'
import { startChromium } from './chromium.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Visit {
  page: Page
  /** Console messages, errors of the page, and requests to anywhere but the file itself. */
  noise: string[]
  close(): Promise<void>
}

let browser: Browser
let folder = ''

beforeAll(async () => {
  browser = await startChromium()
  folder = mkdtempSync(join(tmpdir(), 'upturn-report-'))
  const pages = {
    found: renderReport(fixtureResults({ variants: 20_000 }), testAssets()),
    hostile: renderReport(
      fixtureResults({ variants: 2_000, hostile: true, nothing: true, sourceConfounded: true }),
      testAssets(),
    ),
  }
  for (const [name, report] of Object.entries(pages)) {
    writeFileSync(join(folder, `${name}.html`), report.html)
    writeFileSync(join(folder, `${name}-plain.html`), report.plain)
    for (const figure of report.figures)
      if (name === 'hostile') writeFileSync(join(folder, `${figure.name}.svg`), figure.svg)
  }
})

afterAll(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true, force: true })
})

async function open(
  file: string,
  width: number,
  colorScheme: 'light' | 'dark' = 'light',
  bypassCSP = false,
): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, bypassCSP })
  const page = await context.newPage()
  const noise: string[] = []
  page.on('console', (message) => noise.push(`console: ${message.text()}`))
  page.on('pageerror', (error) => noise.push(`error: ${error.message}`))
  page.on('dialog', (dialog) => {
    noise.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  const address = pathToFileURL(join(folder, file)).href
  page.on('request', (request) => {
    if (request.url() !== address && !request.url().startsWith('data:')) noise.push(`request: ${request.url()}`)
  })
  await page.goto(address)
  return { page, noise, close: () => context.close() }
}

/** Runs the body of a function in the page; what it returns comes back as plain data. */
const inPage = (page: Page, body: string): Promise<unknown> => page.evaluate(`(() => {${body}})()`)

const files = ['found.html', 'found-plain.html', 'hostile.html', 'hostile-plain.html']

describe.each(files)('%s', (file) => {
  test.each([360, 768, 1280])('fits %i pixels, quietly and without a request', async (width) => {
    const { page, noise, close } = await open(file, width)
    const wider = await inPage(
      page,
      `
      const limit = document.documentElement.clientWidth
      const out = [...document.querySelectorAll('main *')].filter(
        (e) => !e.closest('.scroll') && !e.closest('svg') && e.getBoundingClientRect().right > limit + 1,
      )
      return { page: document.documentElement.scrollWidth - limit, inside: out.map((e) => e.tagName).slice(0, 5) }
    `,
    )
    expect(wider).toEqual({ page: 0, inside: [] })
    expect(noise).toEqual([])
    await close()
  })

  test.each(['light', 'dark'] as const)('has no violation that axe knows, in the %s theme', async (theme) => {
    // axe is a visitor: the page's own policy would rightly keep it out.
    const { page, close } = await open(file, 1000, theme, true)
    await page.evaluate(axe)
    // Inside a drawing everything is presentation: axe looks at its name and its table.
    const violations = await inPage(
      page,
      `for (const mark of document.querySelectorAll('figure svg > :not(title, desc)')) mark.remove()
      return axe.run({ resultTypes: ['violations'] }).then((found) =>
        found.violations.map((v) => v.id + ': ' + v.nodes[0].html.slice(0, 160) + ' ' + v.nodes[0].failureSummary.slice(0, 300)))`,
    )
    expect(violations).toEqual([])
    await close()
  })
})

describe('words in figures', () => {
  test.each([
    ['wide', 1280],
    ['narrow', 390],
  ] as const)('none of the %s drawing leaves its frame', async (kind, width) => {
    const { page, close } = await open('found.html', width)
    await page.evaluate('document.fonts.ready.then(() => null)')
    const outside = await inPage(
      page,
      `
      const out = []
      for (const svg of document.querySelectorAll('figure svg.${kind}')) {
        const frame = svg.getBoundingClientRect()
        for (const word of svg.querySelectorAll('text')) {
          const box = word.getBoundingClientRect()
          if (box.width === 0) continue
          if (
            box.left < frame.left - 4 ||
            box.right > frame.right + 4 ||
            box.top < frame.top - 4 ||
            box.bottom > frame.bottom + 4
          )
            out.push(svg.closest('figure').id + ': ' + word.textContent)
        }
      }
      return out
    `,
    )
    expect(outside).toEqual([])
    await close()
  })

  test.each([
    ['wide', 1280],
    ['narrow', 390],
  ] as const)('none of the %s drawing lies on another', async (kind, width) => {
    const { page, close } = await open('found.html', width)
    await page.evaluate('document.fonts.ready.then(() => null)')
    const met = await inPage(
      page,
      `
      const out = []
      for (const svg of document.querySelectorAll('figure svg.${kind}')) {
        const words = [...svg.querySelectorAll('text')].map(
          (t) => [t.textContent, t.getBoundingClientRect()],
        )
        for (const [i, [a, p]] of words.entries())
          for (const [b, q] of words.slice(i + 1)) {
            const across = Math.min(p.right, q.right) - Math.max(p.left, q.left)
            // Boxes of a line of text are taller than its letters.
            const down = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top)
            if (across > 2 && down > Math.min(p.height, q.height) * 0.45)
              out.push(svg.closest('figure').id + ': ' + a + ' | ' + b)
          }
      }
      return out
    `,
    )
    expect(met).toEqual([])
    await close()
  })
})

test('reads without its script, and a keyboard reaches contents, tables and figures’ data', async () => {
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 1280, height: 900 } })
  const page = await context.newPage()
  await page.goto(pathToFileURL(join(folder, 'found.html')).href)
  expect(await page.locator('#answer .lede').innerText()).toContain('odds ratio 10.6')
  await page.keyboard.press('Tab')
  expect(await page.locator(':focus').innerText()).toBe('Skip to the answer')
  await page.locator('#fig-forest summary').focus()
  await page.keyboard.press('Enter')
  expect(await page.locator('#fig-forest table').isVisible()).toBe(true)
  await context.close()
})

test('a click sorts a table by p, powers of ten included', async () => {
  const { page, noise, close } = await open('found.html', 1280)
  await page.locator('#fig-forest summary').click()
  await page.locator('#fig-forest th button', { hasText: /^p$/ }).click()
  const first = await page.locator('#fig-forest tbody tr').first().locator('th').innerText()
  const last = await page.locator('#fig-forest tbody tr').last().locator('th').innerText()
  expect([first, last]).toEqual(['Firth regression', 'Family-wise min\u00a0p (primary)'])
  expect(await page.locator('#fig-forest th[aria-sort=ascending]').count()).toBe(1)
  expect(noise).toEqual([])
  await close()
})

test('the theme button turns the page, and pointing at a mark names it', async () => {
  const { page, noise, close } = await open('found.html', 1280)
  const paper = () => inPage(page, 'return getComputedStyle(document.body).backgroundColor')
  const before = await paper()
  await page.getByRole('button', { name: 'Dark theme' }).click()
  expect(await paper()).not.toBe(before)
  await page.locator('#fig-ancestry svg.wide circle').first().hover()
  expect(await page.locator('.tip').innerText()).toMatch(/^UP\d+: case/)
  expect(noise).toEqual([])
  await close()
})

test('prints on A4 with every figure whole on its page', async () => {
  const { page, close } = await open('found.html', 1280)
  await page.emulateMedia({ media: 'print' })
  // A4 less the margins of the print style, in CSS pixels.
  await page.setViewportSize({ width: Math.round(((210 - 34) / 25.4) * 96), height: 1000 })
  const printable = ((297 - 36) / 25.4) * 96
  const heights = (await inPage(
    page,
    `return [...document.querySelectorAll('figure')].map((f) =>
      [f.id, f.getBoundingClientRect().height, getComputedStyle(f).breakInside])`,
  )) as [string, number, string][]
  for (const [id, height, rule] of heights) {
    expect(rule, id).toBe('avoid')
    expect(height, id).toBeLessThan(printable)
  }
  expect((await page.pdf({ format: 'A4' })).length).toBeGreaterThan(100_000)
  await close()
})

test('a figure file with hostile names draws by itself and runs nothing', async () => {
  for (const name of ['trajectories', 'manhattan', 'ancestry']) {
    const { page, noise, close } = await open(`${name}.svg`, 900)
    expect(await inPage(page, 'return document.documentElement.tagName')).toBe('svg')
    expect(await inPage(page, "return document.querySelectorAll('script, parsererror').length")).toBe(0)
    expect(noise).toEqual([])
    await close()
  }
})

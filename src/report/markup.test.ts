import { expect, test } from 'vitest'
import { clean, el, escapeText, html, italic, plain, sub, sup, text, typeset } from './markup.ts'

test('a hole of a template is escaped, markup is not', () => {
  expect(html`<p title="${'"><script>'}">${html`<b>${'<&'}</b>`}</p>`.text).toBe(
    '<p title="&quot;&gt;&lt;script&gt;"><b>&lt;&amp;</b></p>',
  )
})

test('lists join, and nothing is written for null, undefined and false', () => {
  expect(html`[${['a', null, ['b', undefined], false, 0]}]`.text).toBe('[ab0]')
})

test('characters that XML cannot hold are dropped', () => {
  expect(escapeText('a\u0000b\u000bc\td\uffff')).toBe('abc\td')
})

test('names lose control characters, bidirectional overrides and our own marks, and are cut', () => {
  expect(clean('a\u202eb\u0007c\ue000d')).toBe('abcd')
  expect(clean('x'.repeat(60), 10)).toBe(`${'x'.repeat(9)}…`)
  expect(clean('😀'.repeat(4), 3)).toBe('😀😀…')
})

test('one sentence serves HTML, SVG and plain text', () => {
  const sentence = `p = 5 × 10${sup('−7')}, ${italic('IGFBP7')}, log${sub('10')}`
  expect(html`${sentence}`.text).toBe('p = 5 × 10<sup>−7</sup>, <i>IGFBP7</i>, log<sub>10</sub>')
  expect(plain(sentence)).toBe('p = 5 × 10⁻⁷, IGFBP7, log10')
  expect(text(0, 0, `10${sup('−7')} x`, { size: 10 }).text).toContain(
    '10<tspan dy="-3.6" font-size="7.6">−7</tspan><tspan dy="3.6"> x</tspan>',
  )
})

test('a role gives the light colour and a class that a theme can catch', () => {
  expect(el('circle', { r: 1.23456, fill: 'lead', stroke: 'none' }).text).toBe(
    '<circle class="f-lead" r="1.23" fill="#009e73" stroke="none"/>',
  )
})

test('an attribute cannot be left', () => {
  expect(el('text', { id: `a" onload='x'` }).text).toBe('<text id="a&quot; onload=&#39;x&#39;"/>')
})

test('the sentences of stages are set: powers of ten, squares, signs, thousands', () => {
  expect(plain(typeset("threshold (p 1.6 x 10^-6) or 2.5e-07, r2 >= 0.2 in the study's 109247 variants"))).toBe(
    'threshold (p 1.6\u00a0×\u00a010⁻⁶) or 2.5\u00a0×\u00a010⁻⁷, r² ≥ 0.2 in the study’s 109,247 variants',
  )
  expect(plain(typeset('p below 1e-5, S0017, 4:57088827:T:A, 2020'))).toBe('p below 10⁻⁵, S0017, 4:57088827:T:A, 2020')
})

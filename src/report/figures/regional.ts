import type { Locus } from '../../results/index.ts'
import { type Drawing, emptyFigure, type FigureSpec } from '../figure.ts'
import { axisBottom, axisLeft, line } from '../marks/axes.ts'
import { linear, roundTicks } from '../marks/scale.ts'
import { textWidth } from '../marks/text.ts'
import { clean, el, italic, join, type Markup, sub, sup, text } from '../markup.ts'
import { count, fixed, percent, plural, pValue } from '../numbers.ts'
import { capital, leadWithGene, primaryStatistic, type Study, variantName } from '../study.ts'
import { type RoleName, sizes } from '../tokens.ts'
import { thresholds } from './manhattan.ts'

const ldRoles: RoleName[] = ['ld1', 'ld2', 'ld3', 'ld4', 'ld5']
const ldRole = (r2: number) => ldRoles[Math.max(0, Math.min(4, Math.floor(r2 * 5)))]

interface PlacedGene {
  gene: Locus['region']['genes'][number]
  row: number
  x1: number
  x2: number
  label: number
}

/** Packs genes into rows so that neither bodies nor names meet. */
function pack(genes: Locus['region']['genes'], x: (bp: number) => number, left: number, right: number): PlacedGene[] {
  const ends: number[] = []
  const placed: PlacedGene[] = []
  for (const gene of genes.toSorted((a, b) => a.start - b.start)) {
    const x1 = Math.max(left, x(gene.start))
    const x2 = Math.min(right, Math.max(x1 + 2, x(gene.end)))
    const half = textWidth(`${gene.symbol} →`, sizes.small) / 2
    const label = Math.max(left + half, Math.min(right - half, (x1 + x2) / 2))
    const from = Math.min(x1, label - half)
    let row = ends.findIndex((end) => end + 8 < from)
    if (row < 0) row = ends.length
    ends[row] = Math.max(x2, label + half)
    placed.push({ gene, row, x1, x2, label })
  }
  return placed
}

const genesMost = 36

function draw(study: Study, locus: Locus, width: number): Drawing {
  const narrow = width < 500
  const [left, right, top, height] = [26, width - 4, 34, narrow ? 220 : 260]
  const { region } = locus
  const lines = thresholds(study)
  const highest = Math.max(3, locus.negLog10P, ...region.variants.map((v) => v.negLog10P))
  const family = lines.at(0)
  const reach = family && family.negLog10 < highest * 1.5 ? Math.max(highest, family.negLog10) : highest
  const x = linear([region.start, region.end], [left, right], narrow ? 3 : 6)
  const y = linear([0, reach * 1.12], [top + height, top])
  // Without a significant lead there is no causal variant to look for.
  const credible = new Set(study.results.association?.primary.significant ? locus.credibleSet.map((c) => c.key) : [])

  const parts: Markup[] = [
    axisLeft(y, left, {
      title: `−log${sub('10')} p, ${primaryStatistic(study).axis}`,
      ticks: roundTicks(0, reach * 1.1, 5),
    }),
  ]
  // The key is a small ramp, since five steps of one colour have no place for direct labels.
  const keyX = right - 5 * 26
  parts.push(
    text(keyX - 8, top - 12, narrow ? `r${sup('2')}` : `r${sup('2')} with the lead`, {
      size: sizes.small,
      anchor: 'end',
      fill: 'soft',
    }),
    join(
      ldRoles.map((role, i) => [
        el('rect', { x: keyX + i * 26, y: top - 21, width: 25, height: 7, fill: role }),
        i > 0 && text(keyX + i * 26, top - 4, fixed(i / 5, 1), { size: 9.5, anchor: 'middle', fill: 'soft' }),
      ]),
    ),
  )
  if (family && family.negLog10 <= reach * 1.12)
    parts.push(
      line(left, y(family.negLog10), right, y(family.negLog10), 'ink', undefined, 0.9),
      text(right, y(family.negLog10) - 5, family.words, { size: sizes.small, anchor: 'end', halo: true }),
    )
  const isLead = (v: { position: number; ref: string; alt: string }) =>
    v.position === locus.position && v.ref === locus.ref && v.alt === locus.alt
  for (const v of region.variants.toSorted((a, b) => a.r2 - b.r2)) {
    if (isLead(v)) continue
    const inSet = credible.has(`${locus.chromosome}:${v.position}:${v.ref}:${v.alt}`)
    parts.push(
      el(
        'circle',
        {
          cx: x(v.position),
          cy: y(v.negLog10P),
          r: 3,
          fill: ldRole(v.r2),
          stroke: inSet ? 'ink' : 'paper',
          'stroke-width': inSet ? 1.3 : 0.4,
        },
        el(
          'title',
          {},
          `${variantName({ ...v, chromosome: locus.chromosome })}: p\u00a0=\u00a0${pValue(v.negLog10P)}, r² ${fixed(v.r2, 2)}`,
        ),
      ),
    )
  }
  const [px, py] = [x(locus.position), y(locus.negLog10P)]
  const after = px < (left + right) * 0.6
  parts.push(
    el(
      'path',
      { d: `M${px},${py - 7}l7,7l-7,7l-7,-7Z`, fill: 'lead', stroke: 'paper' },
      el('title', {}, `${variantName(locus)}, p\u00a0=\u00a0${pValue(locus.negLog10P)}`),
    ),
    text(px + (after ? 12 : -12), py + 4, variantName(locus), {
      anchor: after ? 'start' : 'end',
      fill: 'leadText',
      weight: 600,
      halo: true,
    }),
  )

  const genesTop = top + height + 16
  const placed = pack(region.genes.slice(0, genesMost), x, left, right)
  const rows = placed.reduce((most, g) => Math.max(most, g.row + 1), 0)
  for (const g of placed) {
    const mid = genesTop + g.row * 30 + 18
    const own = g.gene.distance === 0
    const stroke = own ? 'lead' : 'soft'
    const name = clean(g.gene.symbol, 20)
    parts.push(
      el('line', { x1: g.x1, x2: g.x2, y1: mid, y2: mid, stroke, 'stroke-width': 1.2 }),
      join(
        g.gene.exons.map(([a, b]) => {
          const from = Math.max(left, x(a))
          const to = Math.min(right, x(b))
          return (
            to > left &&
            from < right &&
            el('rect', { x: from, y: mid - 5, width: Math.max(1.4, to - from), height: 10, fill: stroke })
          )
        }),
      ),
      text(g.label, mid - 10, g.gene.strand === '+' ? `${italic(name)} →` : `← ${italic(name)}`, {
        size: sizes.small,
        anchor: 'middle',
        fill: own ? 'leadText' : 'soft',
        weight: own ? 600 : 400,
      }),
    )
  }
  if (rows === 0)
    parts.push(
      text((left + right) / 2, genesTop + 16, 'No gene in this window, or none known on this build', {
        size: sizes.small,
        anchor: 'middle',
        fill: 'soft',
      }),
    )
  const axisY = genesTop + Math.max(1, rows) * 30 + 4
  const megabases = x.ticks
  const decimals = (region.end - region.start) / 1e6 < 0.8 ? 2 : 1
  parts.push(
    line(px, top + height, px, axisY, 'lead', '2 3'),
    axisBottom(x, axisY, {
      title: `Position on chromosome ${clean(locus.chromosome, 8)}, Mb${study.results.genotypes ? ` (${clean(study.results.genotypes.build, 12)})` : ''}`,
      ticks: megabases,
      format: (bp) => fixed(bp / 1e6, decimals),
    }),
  )
  return { width, height: axisY + 40, body: join(parts) }
}

export function regionalFigure(study: Study): FigureSpec {
  const locus = study.locus
  if (!locus || locus.region.variants.length === 0)
    return emptyFigure('regional', 'The region of the lead', 'No locus was made of the lead, so no region is drawn.')
  const { association } = study.results
  const genes = locus.region.genes.filter((g) => g.distance === 0).map((g) => clean(g.symbol, 20))
  const partners = locus.region.variants.filter((v) => v.r2 >= 0.8).length - 1
  return {
    name: 'regional',
    title: `${leadWithGene(study)}: ${partners > 0 ? `${plural(partners, 'other variant')} cannot be told from it` : 'no other variant here is in strong LD with it'}`,
    caption: [
      `${capital(primaryStatistic(study).words)} in the ${count(Math.round((locus.region.end - locus.region.start) / 1000))} kb about the lead (green diamond).`,
      `Greener points are in stronger linkage disequilibrium with it, measured in the study’s own people; strong means r${sup('2')} of 0.8 or more.`,
      locus.credibleSet.length > 0 && association?.primary.significant
        ? `Ringed: the 95% credible set, ${count(locus.credibleSet.length)} of the ${plural(locus.region.variants.length, 'variant')} here, one causal variant assumed; the lead holds ${percent(locus.credibleSet.find((c) => c.key === locus.lead)?.posterior ?? 0)} of the posterior.`
        : '',
      'Below: genes with their exons and direction.',
    ]
      .filter(Boolean)
      .join(' '),
    description: `Regional plot. Lead ${variantName(locus)} with p\u00a0=\u00a0${pValue(locus.negLog10P)}${genes.length > 0 ? `, inside ${genes.join(', ')}` : ''}. ${count(Math.max(0, partners))} other variants have r² of 0.8 or more.`,
    draw: (width) => draw(study, locus, width),
    table: {
      columns: [
        'Variant',
        'Position',
        `p, ${primaryStatistic(study).axis}`,
        `r${sup('2')}`,
        'Share of the credible set’s posterior',
      ],
      rows: locus.region.variants
        .toSorted((a, b) => b.negLog10P - a.negLog10P)
        .slice(0, 25)
        .map((v) => [
          variantName({ ...v, chromosome: locus.chromosome }),
          count(v.position),
          pValue(v.negLog10P),
          fixed(v.r2, 2),
          locus.credibleSet
            .filter((c) => c.key === `${locus.chromosome}:${v.position}:${v.ref}:${v.alt}`)
            .map((c) => percent(c.posterior))
            .join(''),
        ]),
      note: 'The 25 smallest p-values of the region.',
    },
  }
}

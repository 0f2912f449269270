import type { RegionResult, RegionTest, StudyResults } from '../results/index.ts'
import { type Drawing, emptyFigure, type FigureSpec, standaloneSvg } from './figure.ts'
import { agreementFigure } from './figures/agreement.ts'
import { ancestryFigure } from './figures/ancestry.ts'
import { balanceFigure } from './figures/balance.ts'
import { biomarkerByGenotypeFigure, biomarkerFigure } from './figures/biomarker.ts'
import { biomarkerCourseFigure } from './figures/biomarker-course.ts'
import { calibrationFigure } from './figures/calibration.ts'
import { caseFlowFigure } from './figures/case-flow.ts'
import { flowFigure } from './figures/flow.ts'
import { forestFigure } from './figures/forest.ts'
import { genotypesFigure } from './figures/genotypes.ts'
import { incidenceFigure } from './figures/incidence.ts'
import { intakeFigure } from './figures/intake.ts'
import { manhattanFigure } from './figures/manhattan.ts'
import { nextStudyFigure } from './figures/next-study.ts'
import { powerFigure } from './figures/power.ts'
import { qqFigure } from './figures/qq.ts'
import { qualityFigure } from './figures/quality.ts'
import { regionalFigure } from './figures/regional.ts'
import { replicationFigure } from './figures/replication.ts'
import { sensitivityFigure } from './figures/sensitivity.ts'
import { sourcesFigure, sourceVariants } from './figures/sources.ts'
import { trajectoriesFigure } from './figures/trajectories.ts'
import { winnersCurseFigure } from './figures/winners-curse.ts'
import { clean, html, italic, join, type Markup, plain, typeset } from './markup.ts'
import { chosenPercent, count, interval, percent, pPlain, pValue } from './numbers.ts'
import { adjudicationTable } from './page/adjudication.ts'
import { answerSection } from './page/answer.ts'
import { biomarkerTables } from './page/biomarkers.ts'
import { type DocumentAssets, doctorNotice, htmlDocument, notices } from './page/document.ts'
import { dataTable, figureBlock } from './page/figure.ts'
import { measuresTable } from './page/measures.ts'
import { methodsSection } from './page/methods.ts'
import { plainMain, plainSection } from './page/plain-language.ts'
import { provenanceSection } from './page/provenance.ts'
import { stregaSection } from './page/strega.ts'
import { survivalTables } from './page/survival.ts'
import type { Deflate } from './raster/png.ts'
import { capital, describeStudy, primaryStatistic, readable, type Study, variantName } from './study.ts'
import { widths } from './tokens.ts'

/** What the host lends: fonts to embed, one raw DEFLATE and SHA-256, both synchronous. */
export interface ReportAssets extends DocumentAssets {
  deflateRaw: Deflate
}

export interface ReportFigure {
  name: string
  title: string
  caption: string
  /** A whole SVG file, light theme, 744 pixels wide. */
  svg: string
}

export interface Report {
  html: string
  /** The plain-language summary as a page of its own. */
  plain: string
  figures: ReportFigure[]
}

interface Part {
  id: string
  title: string
  lead?: string
  content: (FigureSpec | Markup)[]
}

function ratesTable(study: Study): Markup | null {
  const rates = study.results.callsSummary?.rates ?? []
  if (rates.length === 0) return null
  return html`<h3>Rates in this cohort beside published ones</h3>${dataTable(
    {
      columns: ['Event', 'People', 'Of', 'Rate here', 'Published'],
      rows: rates.map((r) => {
        const below = / \(published: below\)$/
        return [
          clean(r.name.replace(below, ''), 80),
          r.people,
          r.eligible,
          percent(r.rate),
          r.published === null ? '–' : `${below.test(r.name) ? '<' : ''}${chosenPercent(r.published)}`,
        ]
      }),
      note: 'Published: Bedlack and others, Neurology 2016, PRO-ACT. Ways of measuring differ, so these are a check of scale, not a comparison.',
    },
    'Rates in this cohort beside published ones',
  )}`
}

/** How the numbers of cases and controls depend on what is excluded. */
function strictnessTable(study: Study): Markup | null {
  const levels = study.results.callsSummary?.strictness ?? []
  if (levels.length < 2) return null
  return html`<h3>What each strictness of exclusion would leave</h3>${dataTable(
    {
      columns: ['Excluded', 'People excluded', 'Cases', 'Controls'],
      rows: levels.map((l) => [
        `${capital(clean(l.level, 60).replaceAll('-', ' '))}${l.inForce ? ' (this study)' : ''}`,
        l.excluded,
        l.cases,
        l.controls,
      ]),
    },
    'What each strictness of exclusion would leave',
  )}`
}

/** Every locus that the rule reports, the lead's own included. */
function lociTable(study: Study): Markup | null {
  const loci = study.results.loci?.loci ?? []
  if (loci.length === 0) return null
  return html`<h3>Every locus that was reported</h3>${dataTable(
    {
      columns: [
        'Lead',
        'Nearest gene',
        'Odds ratio (95% limits)',
        `p, ${primaryStatistic(study).axis}`,
        'Frozen primary test',
        'Flags',
      ],
      rows: loci.map((l) => {
        const gene = l.genes.toSorted((a, b) => a.distance - b.distance).at(0)
        return [
          variantName(l),
          gene
            ? `${italic(clean(gene.symbol, 20))}${gene.distance === 0 ? '' : `, ${count(Math.round(gene.distance / 1000))} kb away`}`
            : '–',
          interval(l.or, l.orLow, l.orHigh),
          pValue(l.negLog10P),
          l.significant ? 'significant' : 'not significant',
          clean(l.flags, 80).replaceAll('_', ' '),
        ]
      }),
      note: study.results.loci ? typeset(readable(study.results.loci.rule)) : '',
    },
    'Every locus that was reported',
  )}`
}

/** Rare variants of genes together, and the best lead's region given the lead. */
function regionsTable(study: Study): Markup | null {
  const found = study.results.regions
  if (found === null) return null
  const tested = found.regions.filter((region) => region.variants > 0)
  const title = 'Rare variants of a gene together'
  const p = (region: RegionResult, test: RegionTest['test']): string => {
    const of = region.tests.find((t) => t.test === test)
    return of === undefined ? '–' : pPlain(of.p)
  }
  const table =
    tested.length === 0
      ? null
      : html`<h3>${title}</h3>${dataTable(
          {
            columns: [
              'Gene or region',
              'Variants',
              'Carriers: cases, controls',
              'Burden',
              'SKAT',
              'SKAT\u2011O',
              'ACAT',
              'Label sets',
            ],
            rows: tested.map((region) => [
              `${italic(clean(region.name, 30))}, ${clean(region.reason, 40)}`,
              region.variants,
              `${count(region.caseCarriers)}, ${count(region.controlCarriers)}`,
              p(region, 'burden'),
              p(region, 'skat'),
              p(region, 'skat_o'),
              p(region, 'acat'),
              region.status === 'unreachable'
                ? 'listing; no labels could have been significant'
                : region.method === 'enumeration'
                  ? 'listing every labelling of the carriers'
                  : count(region.sets),
            ]),
            note: `p-values by relabelling, not corrected for the number of regions${found.threshold === null ? '' : `: ${pPlain(found.threshold)} would be needed`}. They are not the primary test.`,
          },
          title,
        )}`
  const given =
    found.leads.length === 0
      ? null
      : html`<h3>What is left beside the lead</h3>${found.leads.map((lead) => html`<p>${typeset(readable(lead.sentence))}</p>`)}`
  return table === null && given === null ? null : join([table, given])
}

/** Variants that controls of different sources do not share. */
function sourcesTable(study: Study): Markup | null {
  const table = sourceVariants(study)
  const title = 'Variants at which controls of different sources differ'
  return table === null ? null : html`<h3>${title}</h3>${dataTable(table, title)}`
}

/** What more controls a case would save in cases. */
function ratioTable(study: Study): Markup | null {
  const rows = study.results.plan?.byRatio ?? []
  if (rows.length === 0) return null
  return html`<h3>What more controls would save</h3>${dataTable(
    {
      columns: ['Controls a case', 'New cases needed', 'Controls needed', 'People in all'],
      rows: rows.map((r) => [
        r.ratio,
        r.casesNeeded === null ? 'more than were tried' : count(r.casesNeeded),
        r.controls === null ? '–' : count(r.controls),
        r.casesNeeded === null || r.controls === null ? '–' : count(r.casesNeeded + r.controls),
      ]),
      note: 'To replicate at the corrected odds ratio with 80% power, level 0.05.',
    },
    'What more controls would save',
  )}`
}

function notes(study: Study): Markup | null {
  const { calibration, quality, loci, plan, replication, survival } = study.results
  const said = [
    ...(calibration?.notes ?? []),
    ...(quality?.notes ?? []),
    ...(loci?.notes ?? []),
    ...(plan?.notes ?? []),
    ...(survival?.notes ?? []),
    ...(replication?.sentence ? [replication.sentence] : []),
    ...(replication?.missing ?? []).map((m) => `${m.lead} could not be tested in the second cohort: ${m.reason}`),
  ]
  if (said.length === 0) return null
  return html`<h3>What the stages themselves noted</h3><ul class="notes">${said.map((s) => html`<li>${typeset(s)}</li>`)}</ul>`
}

function parts(study: Study, deflate: Deflate): Part[] {
  const markers = study.results.biomarkers?.biomarkers ?? []
  const biomarkers =
    markers.length > 0
      ? markers.flatMap((m) => [
          biomarkerFigure(m),
          ...[biomarkerByGenotypeFigure(study, m), biomarkerCourseFigure(m)].filter((f) => f !== null),
        ])
      : [emptyFigure('biomarker', 'IGF-1 by group', 'No laboratory values were given.')]
  const present = <T>(m: T | null): T[] => (m === null ? [] : [m])
  return [
    {
      id: 'evidence',
      title: 'The evidence',
      content: [
        flowFigure(study),
        trajectoriesFigure(study),
        caseFlowFigure(study),
        agreementFigure(study),
        sensitivityFigure(study),
        ...present(adjudicationTable(study)),
        ...present(ratesTable(study)),
        ...present(strictnessTable(study)),
        ...present(measuresTable(study)),
        manhattanFigure(study, deflate),
        regionalFigure(study),
        ...present(lociTable(study)),
        ...present(regionsTable(study)),
        genotypesFigure(study),
        forestFigure(study),
        ...biomarkers,
        ...present(biomarkerTables(study)),
        ...present(incidenceFigure(study)),
        ...present(survivalTables(study)),
      ],
    },
    {
      id: 'doubt',
      title: 'The doubt',
      content: [
        calibrationFigure(study),
        qqFigure(study),
        winnersCurseFigure(study),
        replicationFigure(study),
        balanceFigure(study),
        ancestryFigure(study),
        sourcesFigure(study),
        ...present(sourcesTable(study)),
        ...(study.results.intake === null ? [] : [intakeFigure(study)]),
        qualityFigure(study),
        ...present(notes(study)),
      ],
    },
    {
      id: 'next',
      title: 'What to do next',
      ...(study.results.plan?.sentence
        ? {
            lead: `${study.results.association?.primary.significant ? '' : 'The lead is not significant: what follows holds only if it is real at all. '}${typeset(study.results.plan.sentence)}`,
          }
        : {}),
      content: [powerFigure(study), nextStudyFigure(study), ...present(ratioTable(study))],
    },
  ]
}

const isFigure = (item: FigureSpec | Markup): item is FigureSpec => 'name' in item

/** The same figure, whose drawing of a width is made once. */
function drawnOnce(figure: FigureSpec): FigureSpec {
  const { draw } = figure
  if (draw === null) return figure
  const drawings = new Map<number, Drawing>()
  return {
    ...figure,
    draw(width) {
      const drawing = drawings.get(width) ?? draw(width)
      drawings.set(width, drawing)
      return drawing
    },
  }
}

function contents(links: readonly [string, string][]): Markup {
  return html`<nav class="contents column" aria-label="Contents"><ol>${links.map(([id, title]) => html`<li><a href="#${id}">${title}</a></li>`)}</ol></nav>`
}

/** What the privacy section of the results says, or the general sentence. */
function controlledSentence(study: Study): string {
  const notice = clean(study.results.manifest.notice, 400).replace(/^controlled access[.:]?\s*/i, '')
  return /member|person|people|individual|attack/i.test(notice)
    ? capital(notice)
    : 'This page holds results about single people. With so few cases, effects alone can show who took part: do not pass it on.'
}

/**
 * Builds the report from results alone. Pure: the same results and assets give the same bytes. Every name that came from
 * a file is escaped, and the page's policy forbids connections and any script but its own.
 */
export function renderReport(results: StudyResults, assets: ReportAssets): Report {
  const study = describeStudy(results)
  const sections = parts(study, assets.deflateRaw).map((part) => ({
    ...part,
    content: part.content.map((item) => (isFigure(item) ? drawnOnce(item) : item)),
  }))
  const figures = sections.flatMap((s) => s.content.filter(isFigure))
  const number = new Map(figures.filter((figure) => figure.draw !== null).map((figure, i) => [figure, i + 1]))
  const name = clean(results.manifest.study, 120) || 'Study of ALS reversals'
  const controlled = controlledSentence(study)
  const dek = `${count(study.cases)} cases, ${count(study.controls)} controls${results.association ? `, ${count(results.association.variantsTested)} variants` : ''}. Upturn ${clean(results.manifest.upturn, 20)}, result ${clean(results.manifest.resultDigest).slice(0, 12)}.`
  const body = html`<a class="skip" href="#answer">Skip to the answer</a>
<header class="top column">${notices(controlled)}<div class="kicker"><span>Report of a reversal study</span></div><h1>${name}</h1><p class="dek">${dek}</p></header>
<div class="sheet">
${contents([
  ['answer', 'The answer'],
  ['evidence', 'The evidence'],
  ['doubt', 'The doubt'],
  ['next', 'What to do next'],
  ['plain', 'In plain language'],
  ['methods', 'Methods'],
  ['strega', 'STREGA checklist'],
  ['provenance', 'Provenance'],
])}
<main class="column">
${answerSection(study)}
${sections.map(
  (
    s,
  ) => html`<section id="${s.id}" aria-labelledby="h-${s.id}"><h2 id="h-${s.id}">${s.title}</h2>${s.lead ? html`<p>${s.lead}</p>` : null}
${s.content.map((item) => (isFigure(item) ? figureBlock(item, number.get(item) ?? 0) : item))}</section>`,
)}
${plainSection(study)}
${methodsSection(study)}
${stregaSection(study)}
${provenanceSection(study)}
</main></div>
<footer class="column">${notices(controlled)}</footer>`

  const plainBody = html`<header class="top column">${notices('Counts of so few people can show who took part: do not pass it on.')}<div class="kicker"><span>Summary in plain language</span></div><h1>${name}</h1></header>
${plainMain(study)}
<footer class="column"><div class="notices"><p><strong>${doctorNotice}</strong></p></div></footer>`

  return {
    html: htmlDocument({ title: name, description: dek, body, script: true }, assets),
    plain: htmlDocument(
      { title: `${name}: in plain language`, description: 'Summary in plain language', body: plainBody, script: false },
      assets,
    ),
    figures: figures.map((figure) => ({
      name: figure.name,
      title: plain(figure.title),
      caption: plain(figure.caption),
      svg: standaloneSvg(figure, widths.wide),
    })),
  }
}

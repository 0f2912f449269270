import { el, escapeText, join, Markup, plain } from './markup.ts'
import { faces, roles, sizes } from './tokens.ts'

export interface Drawing {
  width: number
  height: number
  body: Markup
}

export interface DataTable {
  columns: string[]
  rows: (string | number | null)[][]
  /** What was left out of the table, if anything. */
  note?: string
}

/**
 * One idea, drawn for a given width in pixels. `title` says the finding; `caption` says n, test, interval and source;
 * `description` says in words what a reader who cannot see it needs. A figure with nothing to show has no `draw`, and
 * `nothing` says why.
 */
export interface FigureSpec {
  name: string
  title: string
  caption: string
  description: string
  draw: ((width: number) => Drawing) | null
  nothing?: string
  table: DataTable | null
}

/** A figure that has nothing to show, and says so. */
export function emptyFigure(name: string, title: string, why: string): FigureSpec {
  return { name, title, caption: '', description: why, draw: null, nothing: why, table: null }
}

const fontAttributes = { 'font-family': faces.sans, 'font-size': sizes.label }

/** An SVG file by itself: light colours, white paper. */
export function standaloneSvg(figure: FigureSpec, width: number): string {
  const drawing = figure.draw?.(width) ?? placeholder(figure.nothing ?? '', width)
  const pad = 12
  const [w, h] = [drawing.width + 2 * pad, drawing.height + 2 * pad]
  return el(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', width: w, height: h, viewBox: `0 0 ${w} ${h}`, ...fontAttributes },
    el('title', {}, plain(figure.title)),
    el('desc', {}, plain(figure.description)),
    el('rect', { width: w, height: h, fill: roles.paper.light }),
    el('g', { transform: `translate(${pad} ${pad})` }, drawing.body),
  ).text
}

function placeholder(words: string, width: number): Drawing {
  return {
    width,
    height: 60,
    body: join([el('text', { x: width / 2, y: 34, 'text-anchor': 'middle', fill: 'soft' }, plain(words))]),
  }
}

/** The drawing inside a page, named for assistive technology; `id` is unique on the page. */
export function inlineSvg(figure: FigureSpec, drawing: Drawing, id: string, className: string): Markup {
  return new Markup(
    `<svg class="${className}" role="img" aria-labelledby="${id}-t ${id}-d" viewBox="0 0 ${Math.ceil(drawing.width)} ${Math.ceil(drawing.height)}" width="${Math.ceil(drawing.width)}" height="${Math.ceil(drawing.height)}" font-family="${escapeText(faces.sans)}" font-size="${sizes.label}"><title id="${id}-t">${escapeText(plain(figure.title))}</title><desc id="${id}-d">${escapeText(plain(figure.description))}</desc>${drawing.body.text}</svg>`,
  )
}

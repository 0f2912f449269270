// The visual language: every colour, in light and dark, and every face and size. Figures name roles, never colours.

export interface Role {
  light: string
  dark: string
}

const role = (light: string, dark: string): Role => ({ light, dark })

/** Colour roles. `*Text` is the same meaning at 4.5:1 or better on paper, for words. */
export const roles = {
  paper: role('#ffffff', '#14171b'),
  wash: role('#f4f5f7', '#1e2227'),
  ink: role('#16191d', '#e8eaed'),
  soft: role('#4b5563', '#aab2bd'),
  rule: role('#cfd4da', '#3d444d'),
  grid: role('#e9ebee', '#262b31'),
  link: role('#0b559b', '#7db7ea'),
  caution: role('#8a2c0d', '#f3a183'),
  cautionWash: role('#fdf3ee', '#2c1d17'),

  reversal: role('#d55e00', '#f27a2a'),
  typical: role('#6b7280', '#8d95a3'),
  slow: role('#0072b2', '#3fa0db'),
  rapid: role('#cc79a7', '#d98fb8'),
  plateau: role('#e69f00', '#f0b030'),
  lead: role('#009e73', '#1dbf90'),
  unassigned: role('#b4bac3', '#565d68'),

  reversalText: role('#a84a00', '#f59a5a'),
  typicalText: role('#4b5563', '#aab2bd'),
  slowText: role('#005a8e', '#6bb8e8'),
  rapidText: role('#96396c', '#e3a8ca'),
  plateauText: role('#7a5400', '#f0b85a'),
  leadText: role('#00694b', '#3fd0a6'),
  unassignedText: role('#4b5563', '#aab2bd'),

  /** Squared correlation with the lead, five steps towards the lead's own green. */
  ld1: role('#c3c8d0', '#4a515b'),
  ld2: role('#9fcfbf', '#4f7f71'),
  ld3: role('#66bb9f', '#3f9a7e'),
  ld4: role('#2ea47e', '#2bb28a'),
  ld5: role('#007a59', '#45dbb0'),

  /** The two alternating tones of chromosomes; a mean of a crowd, so no group's colour. */
  even: role('#4d5d73', '#a9b6c8'),
  odd: role('#9aa7b8', '#66748a'),
} as const satisfies Record<string, Role>

export type RoleName = keyof typeof roles

export const faces = {
  /** Figures also become PNG by a renderer that knows DejaVu only. */
  sans: "Inter, 'DejaVu Sans', 'Helvetica Neue', Arial, sans-serif",
  serif: "'Source Serif 4', 'Source Serif Pro', Georgia, 'DejaVu Serif', serif",
  mono: "ui-monospace, 'SF Mono', Menlo, 'DejaVu Sans Mono', monospace",
} as const

/** Pixels of figure text, drawn one to one on the page. */
export const sizes = { tick: 11, label: 11.5, small: 10.5 } as const

/** Figures are drawn twice: for a column of text and for a phone. */
export const widths = { wide: 720, narrow: 336 } as const

const custom = (theme: 'light' | 'dark') =>
  Object.entries(roles)
    .map(([name, value]) => `--${name}:${value[theme]};`)
    .join('')

/** Custom properties of both themes, and the classes by which figures take a role's colour. */
export function themeStyle(): string {
  const classes = Object.keys(roles)
    .map((name) => `.f-${name}{fill:var(--${name})}.s-${name}{stroke:var(--${name})}`)
    .join('')
  // The one raster (a scan's points) is turned about in lightness, not in hue.
  const dark = `color-scheme:dark;${custom('dark')}`
  const raster = '.raster{filter:invert(1) hue-rotate(180deg)}'
  return [
    `:root{color-scheme:light;${custom('light')}}`,
    `@media screen and (prefers-color-scheme:dark){:root:not([data-theme=light]){${dark}}:root:not([data-theme=light]) ${raster}}`,
    `@media screen{:root[data-theme=dark]{${dark}}:root[data-theme=dark] ${raster}}`,
    classes,
  ].join('\n')
}

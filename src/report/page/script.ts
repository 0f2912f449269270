/**
 * What the page does beyond standing still: a theme button, tables sorted by a click on a heading, tooltips on points.
 * Nothing needs it; it makes no request, and the page's policy names its digest.
 */
export const pageScript = `(() => {
  const root = document.documentElement
  const dark = () => (root.dataset.theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark'
  const place = document.querySelector('.kicker')
  if (place) {
    const button = document.createElement('button')
    button.className = 'theme'
    button.type = 'button'
    const say = () => { button.textContent = dark() ? 'Light theme' : 'Dark theme' }
    button.addEventListener('click', () => { root.dataset.theme = dark() ? 'light' : 'dark'; say() })
    say()
    place.append(button)
  }

  const value = (cell) => {
    const power = cell.querySelector('sup')
    const text = cell.textContent.replace(/−/g, '-').replace(/,/g, '')
    if (power && text.includes('×')) return parseFloat(text) * 10 ** parseFloat(power.textContent.replace('−', '-'))
    const number = parseFloat(text.replace(/^</, ''))
    return Number.isNaN(number) ? text.toLowerCase() : number
  }
  for (const table of document.querySelectorAll('table.sortable')) {
    const heads = [...table.tHead.rows[0].cells]
    heads.forEach((head, column) => {
      const button = document.createElement('button')
      button.type = 'button'
      button.append(...head.childNodes)
      head.append(button)
      button.addEventListener('click', () => {
        const up = head.getAttribute('aria-sort') !== 'ascending'
        for (const other of heads) other.removeAttribute('aria-sort')
        head.setAttribute('aria-sort', up ? 'ascending' : 'descending')
        const rows = [...table.tBodies[0].rows].map((row) => [value(row.cells[column]), row])
        rows.sort(([a], [b]) => {
          const order = typeof a === 'number' && typeof b === 'number' ? a - b : String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0
          return up ? order : -order
        })
        table.tBodies[0].append(...rows.map(([, row]) => row))
      })
    })
  }

  const tip = document.createElement('div')
  tip.className = 'tip'
  tip.hidden = true
  tip.setAttribute('aria-hidden', 'true')
  document.body.append(tip)
  const words = new WeakMap()
  const sheet = new CSSStyleSheet()
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet]
  document.addEventListener('pointermove', (event) => {
    const mark = event.target instanceof Element ? event.target.closest('figure svg *') : null
    let text = mark ? words.get(mark) : undefined
    const title = mark && text === undefined ? [...mark.children].find((child) => child.localName === 'title') : undefined
    if (title) {
      text = title.textContent
      words.set(mark, text)
      title.remove()
    }
    tip.hidden = !text
    if (!text) return
    tip.textContent = text
    const x = Math.min(event.pageX + 12, root.clientWidth - tip.offsetWidth - 8)
    sheet.replaceSync('.tip{transform:translate(' + Math.max(8, x) + 'px,' + (event.pageY + 14) + 'px)}')
  })
})()`

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { openTableFile } from '../../src/clinical/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'

const python = ['/usr/bin/python3', 'python3'].find(
  (command) => spawnSync(command, ['-c', 'import openpyxl']).status === 0,
)
if (python === undefined) console.warn('skipped: no Python with openpyxl (Debian python3-openpyxl) is here')
const folder = mkdtempSync(join(tmpdir(), 'upturn-openpyxl-'))
afterAll(() => rmSync(folder, { recursive: true }))

// Random cells of every kind, written by openpyxl; what they mean is told as JSON by the writer.
const script = `
import sys, json, random, datetime
import openpyxl
from openpyxl.utils.datetime import CALENDAR_MAC_1904
path, seed = sys.argv[1], int(sys.argv[2])
random.seed(seed)
book = openpyxl.Workbook()
if seed % 2: book.epoch = CALENDAR_MAC_1904
sheet = book.active
sheet.title = 'Visits'
book.create_sheet('Hidden').sheet_state = 'hidden'
names = ['id', 'day', 'when', 'score', 'note', 'flag', 'share']
sheet.append(names)
formats = ['yyyy-mm-dd', 'dd.mm.yyyy', 'm/d/yy', 'd-mmm-yy', '[$-407]d. mmmm yyyy']
truth = []
for i in range(300):
    day = datetime.date(1904 if seed % 2 else 1901, 1, 2) + datetime.timedelta(days=random.randrange(60000))
    number = random.choice([random.uniform(-1e3, 1e3), random.randrange(-50, 50), random.uniform(0, 1) * 1e-7, 12345678.25])
    note = random.choice(['a & b <c>', 'line\\none', '  padded ', 'é–Ж', '=text', 'x' * 40, '007', None, 'tab\\there'])
    flag = random.choice([True, False, None])
    share = random.choice([0.57, 1, 0.125, None])
    row = i + 2
    sheet.cell(row, 1, f'p{i}')
    sheet.cell(row, 2, i * 7)
    sheet.cell(row, 3, day).number_format = random.choice(formats)
    sheet.cell(row, 4, number).number_format = random.choice(['General', '0.0', '0', '#,##0.00', '0.00E+00'])
    cell = sheet.cell(row, 5, note)
    if note is not None: cell.data_type = 's'
    sheet.cell(row, 6, flag)
    if share is not None: sheet.cell(row, 7, share).number_format = '0.0%'
    truth.append([row, f'p{i}', i * 7, day.isoformat(), number, note, flag, share])
sheet.cell(310, 1, '=1+1')
sheet.row_dimensions[5].hidden = True
book.save(path)
print(json.dumps(truth))
`

it.runIf(python !== undefined).each([1, 2, 3, 4])('reads what openpyxl wrote, seed %d', async (seed) => {
  const path = join(folder, `${seed}.xlsx`)
  const run = spawnSync(python ?? '', ['-c', script, path, String(seed)], { encoding: 'utf8', maxBuffer: 1 << 26 })
  expect(run.stderr).toBe('')
  const truth = JSON.parse(run.stdout) as [
    number,
    string,
    number,
    string,
    number,
    string | null,
    boolean | null,
    number | null,
  ][]
  const table = await openTableFile(path, nodeHost(), new AbortController().signal)
  expect(table.header).toEqual(['id', 'day', 'when', 'score', 'note', 'flag', 'share'])
  const rows = []
  for await (const batch of table.rows) rows.push(...batch)
  await table.close()
  const formula = rows.pop()
  expect([formula?.line, formula?.cells[0], formula?.notes?.get(0)]).toEqual([310, '', 'formula_empty'])
  expect(rows.length).toBe(300)
  for (const [k, [line, id, day, when, score, note, flag, share]] of truth.entries()) {
    const { cells, ...row } = rows[k]
    expect(row.line).toBe(line)
    expect(cells.slice(0, 3)).toEqual([id, String(day), when])
    // openpyxl writes 16 digits.
    expect(Math.abs(Number(cells[3]) - score)).toBeLessThanOrEqual(Math.abs(score) * 5e-16)
    expect(cells[4]).toBe(note ?? '')
    expect(cells[5]).toBe(flag === null ? '' : String(flag).toUpperCase())
    expect(cells[6]).toBe(share === null ? '' : `${{ '0.57': 57, '1': 100, '0.125': 12.5 }[share]}%`)
  }
})

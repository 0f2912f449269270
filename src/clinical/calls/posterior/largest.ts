/** Where a function is largest on an even grid: the top of the parabola through the best point and its neighbours; that point where there is no such parabola. */
export function largestOn(grid: readonly number[], of: (x: number) => number): { at: number; value: number } {
  const values = grid.map(of)
  let top = 0
  for (let i = 1; i < grid.length; i++) if (values[i] > values[top]) top = i
  if (top === 0 || top === grid.length - 1) return { at: grid[top], value: values[top] }
  const [before, value, after] = values.slice(top - 1, top + 2)
  const bend = before - 2 * value + after
  const move = bend < 0 && Number.isFinite(bend) ? (0.5 * (before - after)) / bend : 0
  return {
    at: grid[top] + move * (grid[1] - grid[0]),
    value: move === 0 ? value : value - 0.25 * (before - after) * move,
  }
}

import { symmetricEigen } from '../../numerics/linear.ts'

/** Nodes x and weights w with sum w f(x) = integral of f(x) e^(-x^2) dx, exact for polynomials up to degree 2 n - 1. */
export interface HermiteRule {
  nodes: Float64Array
  weights: Float64Array
}

/** Gauss-Hermite's rule of n points (1 to 40) from the eigenvalues of the Jacobi matrix (Golub & Welsch, Math Comp 23:221, 1969); 1e-13. */
export function gaussHermite(n: number): HermiteRule {
  const jacobi = new Float64Array(n * n)
  for (let i = 1; i < n; i++) {
    const off = Math.sqrt(i / 2)
    jacobi[i * n + i - 1] = off
    jacobi[(i - 1) * n + i] = off
  }
  const { values, vectors } = symmetricEigen(jacobi, n)
  const order = Array.from(values.keys()).sort((a, b) => values[a] - values[b])
  return {
    nodes: Float64Array.from(order, (k) => values[k]),
    weights: Float64Array.from(order, (k) => Math.sqrt(Math.PI) * vectors[k * n] * vectors[k * n]),
  }
}

# Proportions, quadratic forms, Gauss-Hermite, the winner's curse, kappa's and rank correlation's limits: python3 make.py (mpmath 1.3.0, a minute).
import random
from mpmath.calculus.quadrature import GaussLegendre
from mpmath import mp, mpf, log, exp, sqrt, erfc, erfinv, pi, sin, atanh, tanh, polyroots

mp.dps = 40
random.seed(15)
out = lambda x: mp.nstr(x, 25, strip_zeros=False)
num = lambda x: mpf(float(x))
quantile = lambda p: sqrt(2) * erfinv(2 * p - 1)
upper = lambda x: erfc(x / sqrt(2)) / 2


def write(name, head, rows):
    with open(name, 'w') as f:
        f.write('\t'.join(head) + '\n')
        for r in rows:
            f.write('\t'.join(x if isinstance(x, str) else str(x) if isinstance(x, int) else out(x) for x in r) + '\n')
    print(name, len(rows), flush=True)


def at_least(x, n, p):
    """P(X >= x) of a binomial, term by term."""
    if p == 0 or p == 1:
        return mpf(p) if x > 0 else mpf(1)
    term = mp.binomial(n, x) * p**x * (1 - p) ** (n - x)
    total = mpf(0)
    for k in range(x, n + 1):
        total += term
        term *= p * (n - k) / ((1 - p) * (k + 1))
        if term < total * mpf(10) ** -45:
            break
    return total


def bisect(f, low, high, halvings=110):
    """The root of an increasing function."""
    low, high = mpf(low), mpf(high)
    for _ in range(halvings):
        middle = (low + high) / 2
        if f(middle) < 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


rows = []
for x, n, level in [(0, 22, '0.95'), (1, 22, '0.95'), (22, 22, '0.95'), (3, 125, '0.95'), (17, 40, '0.99'), (5, 10000, '0.95'), (5000, 10000, '0.9'), (9999, 10000, '0.95')] + [
    (random.randrange(n + 1), n, '0.95') for n in [7, 19, 63, 240, 1001]
]:
    a = (1 - num(level)) / 2
    low = mpf(0) if x == 0 else bisect(lambda p: at_least(x, n, p) - a, 0, 1)
    high = mpf(1) if x == n else bisect(lambda p: at_least(x + 1, n, p) - (1 - a), 0, 1)
    z = quantile(1 - a)
    phat = mpf(x) / n
    centre = (phat + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * sqrt(phat * (1 - phat) / n + z**2 / (4 * n * n))
    rows.append([x, n, level, low, high, mpf(0) if x == 0 else centre - half, mpf(1) if x == n else centre + half])
write('proportions.tsv', ['x', 'n', 'level', 'exact_low', 'exact_high', 'wilson_low', 'wilson_high'], rows)

# Weights in pairs: a sum of exponential variables, whose tail is a sum of exponentials.
rows = []
for weights in ([1, 0.5], [3, 2, 1], [10, 1, 0.1], [5, 4.5, 0.3, 0.02], [2, 1.9, 1.8, 1.7, 1.6], [1, 0.125]):
    w = [num(v) for v in weights]
    tail = lambda q: sum(exp(-q / (2 * a)) / mp.fprod(1 - b / a for b in w if b != a) for a in w)
    mean = 2 * sum(w)
    for factor in ('0.05', '0.5', '1', '2', '4', '10', '40'):
        q = num(float(mean * mpf(factor)))
        rows.append([' '.join(repr(float(v)) for v in weights), repr(float(q)), log(tail(q))])
write('quadratic_forms.tsv', ['weights', 'q', 'logp'], rows)

# Gauss-Hermite: nodes are the roots of the physicists' polynomial, weights 2^(n-1) n! sqrt(pi) / (n H_(n-1)(x))^2.
rows = []
for n in (3, 5, 9, 15):
    h = [[mpf(1)], [mpf(2), mpf(0)]]
    for k in range(1, n):
        up = [2 * c for c in h[k]] + [mpf(0)]
        down = [mpf(0)] * 2 + [2 * k * c for c in h[k - 1]]
        h.append([a - b for a, b in zip(up, down)])
    for x in sorted(r.real for r in polyroots(h[n], maxsteps=500, extraprec=400)):
        weight = 2 ** (n - 1) * mp.factorial(n) * sqrt(pi) / (n * mp.polyval(h[n - 1], x)) ** 2
        rows.append([n, x, weight])
write('gauss_hermite.tsv', ['n', 'node', 'weight'], rows)

# The winner's curse: the law of Z ~ N(mu, 1) among what is shown, by a threshold or as the best of m.
rows = []
legendre = GaussLegendre(mp)


def nodes(cuts, degree=6):
    """Gauss-Legendre's nodes and weights on every panel."""
    rule = legendre.calc_nodes(degree, 140)
    return [((b - a) / 2 * x + (a + b) / 2, (b - a) / 2 * w) for a, b in zip(cuts, cuts[1:]) for x, w in rule]


def curse(z, c, m):
    z = num(z)
    density = lambda d: exp(-d * d / 2) / sqrt(2 * pi)
    if m == 0:
        shown = lambda mu: upper(c - mu) + upper(c + mu)
        mean = lambda mu: mu + (density(c - mu) - density(c + mu)) / shown(mu)
        above = lambda mu: upper(z - mu) / shown(mu)
    else:
        # The weight of x is the probability that m - 1 others are nearer to 0.
        weighed = [(x, w * (1 - 2 * upper(x)) ** (m - 1)) for x, w in nodes([mpf(0), z / 2, z, z + 2, z + 5, z + 14])]
        shown = lambda mu: sum(w * (density(x - mu) + density(x + mu)) for x, w in weighed)
        mean = lambda mu: sum(w * x * (density(x - mu) - density(x + mu)) for x, w in weighed) / shown(mu)
        above = lambda mu: sum(w * density(x - mu) for x, w in weighed if x > z) / shown(mu)
    halvings = 110 if m == 0 else 80
    mle = bisect(lambda mu: mean(mu) - z, 0, z, halvings)
    likelihood = lambda mu: exp(-((z - mu) ** 2) / 2) / shown(mu)
    whole = average = 0
    for mu, w in nodes([mle + d for d in (-14, -8, -5, -3, -1.5, 0, 1.5, 3, 5, 8, 14)], 5):
        share = w * likelihood(mu)
        whole += share
        average += mu * share
    average /= whole
    a = mpf('0.025')
    low = bisect(lambda mu: above(mu) - a, -z - 10, z, halvings)
    high = bisect(lambda mu: above(mu) - (1 - a), -2, z + 10, halvings)
    ends = [low, high, mle, average, (mle + average) / 2]
    return mle, average, min(ends), max(ends)


for z, alpha in [('2.2', '0.05'), ('3.5', '0.05'), ('3.5', '0.001'), ('4.567', '1e-5'), ('5.6', '5e-8'), ('6', '5e-8'), ('9', '5e-8')]:
    c = quantile(1 - num(alpha) / 2)
    rows.append([z, alpha, 0, *curse(z, num(float(c)), 0), repr(float(c))])
for z, m in [('3.2', 100), ('4.1', 10000), ('2', 10)]:
    rows.append([z, '0', m, *curse(z, mpf(20), m), '20'])
write('winners_curse.tsv', ['z', 'alpha', 'best_of', 'mle', 'mean', 'low', 'high', 'threshold'], rows)

# Spearman's limits by Bonett and Wright, of a rho that is given by ranks.
rows = []
for n in (6, 12, 30):
    x = list(range(n))
    y = list(range(n))
    for _ in range(n // 2):
        i, j = random.randrange(n), random.randrange(n)
        y[i], y[j] = y[j], y[i]
    y = [v // 2 for v in y] if n == 12 else y
    rank = lambda v: [mpf(sum(b < a for b in v)) + mpf(sum(b == a for b in v) - 1) / 2 for a in v]
    a, b = rank(x), rank(y)
    ma, mb = sum(a) / n, sum(b) / n
    rho = sum((p - ma) * (q - mb) for p, q in zip(a, b)) / sqrt(sum((p - ma) ** 2 for p in a) * sum((q - mb) ** 2 for q in b))
    half = quantile(mpf('0.975')) * sqrt((1 + rho**2 / 2) / (n - 3))
    rows.append([' '.join(map(str, y)), rho, tanh(atanh(rho) - half), tanh(atanh(rho) + half)])
write('spearman.tsv', ['y', 'rho', 'low', 'high'], rows)

# Sheppard's correlation by the share of equal signs.
rows = []
for same, n in [(50, 100), (63, 100), (400, 1000), (99, 100)]:
    rows.append([same, n, sin(pi * (mpf(same) / n - mpf(1) / 2))])
write('signs.tsv', ['same', 'n', 'correlation'], rows)

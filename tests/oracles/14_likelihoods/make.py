# Maxima of small likelihoods, to 20 digits and more: python3 make.py (mpmath 1.3.0, about two minutes). Only the value of every likelihood is
# written here; slopes and curvature are central differences with 50 digits, so that no derivative of the program is repeated.
import itertools
import random
from mpmath import mp, mpf, matrix, log, exp, sqrt, det, erfc, findroot

mp.dps = 50
step = mpf(10) ** -13
half95 = mp.erfinv(mpf('0.95')) * sqrt(2)  # 97.5% point of the normal distribution


def num(x):
    """A decimal number as the double that the program reads."""
    return mpf(float(x))


def out(x):
    return mp.nstr(x, 25, strip_zeros=False)


def write(name, head, rows):
    with open(name, 'w') as f:
        f.write('\t'.join(head) + '\n')
        for r in rows:
            f.write('\t'.join(x if isinstance(x, str) else str(x) if isinstance(x, int) else out(x) for x in r) + '\n')
    print(name, len(rows), flush=True)


def curvature(f, x, free):
    """Value, slope and minus the second derivatives in the free coordinates."""
    at = lambda moves: f([v + sum(d for j, d in moves if j == i) for i, v in enumerate(x)])
    middle = at([])
    k = len(free)
    g, h = matrix(k, 1), matrix(k, k)
    for a, i in enumerate(free):
        up, down = at([(i, step)]), at([(i, -step)])
        g[a] = (up - down) / (2 * step)
        h[a, a] = -(up - 2 * middle + down) / step**2
        for b in range(a):
            j = free[b]
            s = [at([(i, step * p), (j, step * q)]) for p, q in ((1, 1), (1, -1), (-1, 1), (-1, -1))]
            h[a, b] = h[b, a] = -(s[0] - s[1] - s[2] + s[3]) / (4 * step**2)
    return middle, g, h


def climb(f, x, held=()):
    """Newton's steps, halved until the value rises; the value and the place of the maximum."""
    x = list(x)
    free = [i for i in range(len(x)) if i not in held]
    if not free:
        return f(x), x
    for _ in range(60):
        value, g, h = curvature(f, x, free)
        move = mp.lu_solve(h, g)
        size = max(abs(v) for v in move)
        if sum(g[a] * move[a] for a in range(len(free))) < 0:
            move = g
        share = min(mpf(1), 2 / size) if size > 0 else mpf(1)
        while True:
            there = list(x)
            for a, i in enumerate(free):
                there[i] += share * move[a]
            if size * share < mpf(10) ** -18 or f(there) > value:
                break
            share /= 2
        x = there
        if size < mpf(10) ** -20:
            break
    return f(x), x


def errors(information):
    inverse = information**-1
    return [sqrt(inverse[j, j]) for j in range(information.rows)]


def ratio(f, k, tested, start=None, limits=True):
    """Likelihood-ratio test of a coefficient with profile limits: estimate, chi-square, log p, limits, all coefficients."""
    low, x0 = climb(f, start or [mpf(0)] * k, held=(tested,))
    top, x = climb(f, x0)
    chi = 2 * (top - low)
    ends = []
    for side in (-1, 1) if limits else ():
        state = list(x)

        def gap(b):
            nonlocal state
            state[tested] = b
            value, state = climb(f, state, held=(tested,))
            return sqrt(2 * abs(top - value)) - half95

        a, fa = x[tested], -half95
        b = a + side * mpf('0.5')
        fb = gap(b)
        while fb < 0:
            a, fa = b, fb
            b += side * mpf('0.5')
            fb = gap(b)
        for _ in range(30):
            c = b - fb * (b - a) / (fb - fa)
            fc = gap(c)
            a, fa, b, fb = b, fb, c, fc
            if abs(b - a) < mpf(10) ** -18:
                break
        ends.append(b)
    return x[tested], chi, log(erfc(sqrt(chi / 2))), ends, x, top


# Ordinary, penalised and log-F logistic regression

def eta_of(rows, b):
    return [sum(v * c for v, c in zip(r, b)) for r in rows]


def logistic_information(rows, b):
    k = len(b)
    info = matrix(k, k)
    for r, e in zip(rows, eta_of(rows, b)):
        w = exp(e) / (1 + exp(e)) ** 2
        for i in range(k):
            for j in range(k):
                info[i, j] += w * r[i] * r[j]
    return info


def logistic(rows, y, m=0, firth=False):
    def f(b):
        value = sum(e * t - log(1 + exp(e)) for e, t in zip(eta_of(rows, b), y))
        if m:
            value += m * (b[-1] / 2 - log(1 + exp(b[-1])))
        if firth:
            value += log(det(logistic_information(rows, b))) / 2
        return value
    return f


random.seed(14)
people = []
sets = []
for s, (n, separated) in enumerate([(40, False), (50, False), (60, False), (45, True), (36, False)]):
    rows, y = [], []
    while True:
        rows, y = [], []
        for i in range(n):
            x1, x2 = round(random.gauss(0, 1), 3), random.randrange(2)
            g = sum(random.random() < (0.12 if separated else 0.3) for _ in range(2))
            p = 1 / (1 + mp.e ** (1.4 - 0.5 * x1 - 0.4 * x2 - 0.8 * g))
            rows.append((x1, x2, g))
            y.append(int(random.random() < p))
        if separated:
            y = [1 if r[2] > 0 else t for r, t in zip(rows, y)]
        if 6 <= sum(y) <= n - 6:
            break
    for (x1, x2, g), t in zip(rows, y):
        people.append([s, t, repr(float(x1)), x2, g])
    sets.append(([[mpf(1), num(x1), mpf(x2), mpf(g)] for x1, x2, g in rows], y, separated))
write('inputs_logistic.tsv', ['set', 'case', 'x1', 'x2', 'g'], people)

fits, nulls, points = [], [], []
for s, (rows, y, separated) in enumerate(sets):
    zero = [mpf(0)] * 4
    if not separated:
        value, b = climb(logistic(rows, y), zero)
        for j, (v, e) in enumerate(zip(b, errors(logistic_information(rows, b)))):
            fits.append([s, 'ml', f'b{j}', v])
            fits.append([s, 'ml', f'se{j}', e])
        fits.append([s, 'ml', 'loglik', value])
    for m in (1, 2):
        beta, chi, p, (lo, hi), b, top = ratio(logistic(rows, y, m), 4, 3)
        info = logistic_information(rows, b)
        info[3, 3] += m * exp(b[3]) / (1 + exp(b[3])) ** 2
        for name, v in zip(('beta', 'se', 'chi2', 'logp', 'low', 'high'), (beta, errors(info)[3], chi, p, lo, hi)):
            fits.append([s, f'logf{m}', name, v])
    beta, chi, p, _, b, _ = ratio(logistic(rows, y, firth=True), 4, 3, limits=False)
    slopes = [e - b[0] for e in eta_of(rows, b)]
    flic = findroot(lambda a: sum(y) - sum(1 / (1 + exp(-a - e)) for e in slopes), b[0])
    for name, v in (('beta', beta), ('chi2', chi), ('logp', p), ('flic', flic)):
        fits.append([s, 'firth', name, v])
    # The saddlepoint of the score: K(t) of g less its weighted regression on the covariates, at the fit without it.
    covariates = [r[:3] for r in rows]
    _, b = climb(logistic(covariates, y), [mpf(0)] * 3)
    risks = [1 / (1 + exp(-e)) for e in eta_of(covariates, b)]
    w = [p * (1 - p) for p in risks]
    normal = matrix(3, 3)
    right = matrix(3, 1)
    for r, v, row in zip(covariates, w, rows):
        for i in range(3):
            right[i] += v * r[i] * row[3]
            for j in range(3):
                normal[i, j] += v * r[i] * r[j]
    c = mp.lu_solve(normal, right)
    g = [row[3] - sum(c[i] * r[i] for i in range(3)) for r, row in zip(covariates, rows)]
    score = sum(v * (t - p) for v, t, p in zip(g, y, risks))
    variance = sum(v * a * a for v, a in zip(w, g))

    def tail(s_, sign):
        k0 = lambda t: sum(log(1 - p + p * exp(sign * t * v)) - sign * t * v * p for v, p in zip(g, risks))
        k1 = lambda t: sum(sign * v * (p * exp(sign * t * v) / (1 - p + p * exp(sign * t * v)) - p) for v, p in zip(g, risks))
        k2 = lambda t: sum(v * v * p * (1 - p) * exp(sign * t * v) / (1 - p + p * exp(sign * t * v)) ** 2 for v, p in zip(g, risks))
        t = findroot(lambda t: k1(t) - s_, s_ / variance)
        big, v = sqrt(2 * (t * s_ - k0(t))), t * sqrt(k2(t))
        return erfc((big + log(v / big) / big) / sqrt(2)) / 2

    z = score / sqrt(variance)
    fits.append([s, 'saddlepoint', 'z', z])
    fits.append([s, 'saddlepoint', 'logp', log(tail(abs(score), 1) + tail(abs(score), -1))])
    fits.append([s, 'saddlepoint', 'normal_logp', log(erfc(abs(z) / sqrt(2)))])
    _, b = climb(logistic(covariates, y, firth=True), [mpf(0)] * 3)
    for e in eta_of(covariates, b):
        nulls.append([s, 1 / (1 + exp(-e))])
write('expected_logistic.tsv', ['set', 'fit', 'name', 'value'], fits)
write('expected_null_risks.tsv', ['set', 'risk'], nulls)

# Cases that may be none: retrospective mixture with a log-F(1,1) penalty, over beta and the log odds of the genotypes

wrong, expected = [], []
for s in range(4):
    truth = [round(random.uniform(0.3, 1), 2) if s else 1.0 for _ in range(22)]
    case_g = [sum(random.random() < 0.35 for _ in range(2)) for _ in range(22)]
    control_g = [sum(random.random() < 0.12 for _ in range(2)) for _ in range(70)]
    if 2 not in case_g + control_g:
        control_g[0] = 2
    for g, p in zip(case_g, truth):
        wrong.append([s, 1, g, repr(p)])
    for g in control_g:
        wrong.append([s, 0, g, '1'])

    def f(x):
        beta, q = x[0], [mpf(1), exp(x[1]), exp(x[2])]
        q = [v / sum(q) for v in q]
        norm = sum(q[g] * exp(beta * g) for g in range(3))
        value = beta / 2 - log(1 + exp(beta))
        for g in control_g:
            value += log(q[g])
        for g, p in zip(case_g, truth):
            p = num(p)
            value += log(q[g]) + log(p * exp(beta * g) / norm + 1 - p)
        return value

    beta, _, p, (lo, hi), _, _ = ratio(f, 3, 0, [mpf(0), mpf(-1), mpf(-3)])
    expected.append([s, beta, p, lo, hi])
write('inputs_misclassified.tsv', ['set', 'case', 'g', 'truth'], wrong)
write('expected_misclassified.tsv', ['set', 'beta', 'logp', 'low', 'high'], expected)

# Conditional logistic regression: every choice of as many people of a set is listed


def conditional(groups, k, firth):
    """groups: [(rows of the cases, all rows)]"""
    listed = []
    for m, rows in groups:
        sums = [[sum(rows[i][j] for i in c) for j in range(k)] for c in itertools.combinations(range(len(rows)), m)]
        listed.append((sums[0], sums))

    def f(b):
        value = mpf(0)
        info = matrix(k, k)
        for seen, sums in listed:
            weight = [exp(sum(v * c for v, c in zip(t, b))) for t in sums]
            total = sum(weight)
            value += sum(v * c for v, c in zip(seen, b)) - log(total)
            if firth:
                mean = [sum(w * t[j] for w, t in zip(weight, sums)) / total for j in range(k)]
                for i in range(k):
                    for j in range(k):
                        info[i, j] += sum(w * (t[i] - mean[i]) * (t[j] - mean[j]) for w, t in zip(weight, sums)) / total
        return value + log(det(info)) / 2 if firth else value

    def information(b):
        info = matrix(k, k)
        for seen, sums in listed:
            weight = [exp(sum(v * c for v, c in zip(t, b))) for t in sums]
            total = sum(weight)
            mean = [sum(w * t[j] for w, t in zip(weight, sums)) / total for j in range(k)]
            for i in range(k):
                for j in range(k):
                    info[i, j] += sum(w * (t[i] - mean[i]) * (t[j] - mean[j]) for w, t in zip(weight, sums)) / total
        return info

    return f, information


inputs, expected, risks = [], [], []
for s, (count, size, most, rare) in enumerate([(16, 4, 1, False), (10, 5, 2, False), (14, 4, 1, True), (9, 6, 3, False)]):
    groups = []
    for t in range(count):
        m = random.randint(1, most)
        rows = []
        for i in range(size):
            case = i < m
            x = round(random.gauss(0.4 if case else 0, 1), 3)
            g = sum(random.random() < (0.45 if case else 0.2) for _ in range(2))
            if rare:
                g = int(case and random.random() < 0.4)
            rows.append((x, g))
            inputs.append([s, t, int(case), repr(float(x)), g])
        groups.append((m, [[num(x), mpf(g)] for x, g in rows]))
    if not rare:
        f, information = conditional(groups, 2, False)
        value, b = climb(f, [mpf(0)] * 2)
        for name, v in zip(('b0', 'b1', 'se0', 'se1', 'loglik'), [*b, *errors(information(b)), value]):
            expected.append([s, 'ml', name, v])
    f, information = conditional(groups, 2, True)
    beta, chi, p, (lo, hi), b, _ = ratio(f, 2, 1)
    for name, v in zip(('beta', 'other', 'se', 'chi2', 'logp', 'low', 'high'), (beta, b[0], errors(information(b))[1], chi, p, lo, hi)):
        expected.append([s, 'firth', name, v])
    f, _ = conditional([(m, [r[:1] for r in rows]) for m, rows in groups], 1, True)
    _, b = climb(f, [mpf(0)])
    for m, rows in groups:
        mean = sum(r[0] for r in rows) / len(rows)
        for r in rows:
            risks.append([s, 1 / (1 + exp(-b[0] * (r[0] - mean)))])
write('inputs_matched.tsv', ['set', 'stratum', 'case', 'x', 'g'], inputs)
write('expected_matched.tsv', ['set', 'fit', 'name', 'value'], expected)
write('expected_within_risks.tsv', ['set', 'risk'], risks)

# Cox regression, ties by Breslow and by Efron


def cox(data, k, ties, firth):
    times = sorted({(d['stratum'], d['time']) for d in data if d['status']})

    def parts(b):
        value = mpf(0)
        info = matrix(k, k)
        weight = [exp(sum(v * c for v, c in zip(d['x'], b))) for d in data]
        for stratum, t in times:
            risk = [i for i, d in enumerate(data) if d['stratum'] == stratum and d['entry'] < t <= d['time']]
            dead = [i for i in risk if data[i]['time'] == t and data[i]['status']]
            for place in range(len(dead)):
                share = mpf(place) / len(dead) if ties == 'efron' else mpf(0)
                w = {i: weight[i] * (1 - share if i in dead else 1) for i in risk}
                total = sum(w.values())
                value -= log(total)
                if firth:
                    mean = [sum(w[i] * data[i]['x'][j] for i in risk) / total for j in range(k)]
                    for a in range(k):
                        for c in range(k):
                            info[a, c] += sum(w[i] * (data[i]['x'][a] - mean[a]) * (data[i]['x'][c] - mean[c]) for i in risk) / total
            value += sum(sum(v * c for v, c in zip(data[i]['x'], b)) for i in dead)
        return value, info

    return (lambda b: parts(b)[0] + (log(det(parts(b)[1])) / 2 if firth else 0)), (lambda b: parts(b)[1])


inputs, expected = [], []
for s, (n, entries, strata, rare) in enumerate([(24, False, 1, False), (30, True, 2, False), (24, False, 1, True)]):
    data = []
    for i in range(n):
        x, g = round(random.gauss(0, 1), 3), int(random.random() < (0.25 if rare else 0.45))
        t = min(12, 1 + int(random.expovariate(0.18 * 2.718 ** (0.4 * x + 0.7 * g))))
        status = int(random.random() < 0.7)
        if rare:
            status = int(status and g > 0)
        data.append({'time': t, 'entry': random.randrange(t) if entries else -1, 'status': status, 'stratum': i % strata, 'x': [num(x), mpf(g)]})
        inputs.append([s, data[-1]['entry'], t, status, i % strata, repr(float(x)), g])
    for ties in ('efron', 'breslow'):
        f, information = cox(data, 2, ties, True)
        plain, _ = cox(data, 2, ties, False)
        if not rare:
            value, b = climb(plain, [mpf(0)] * 2)
            for name, v in zip(('b0', 'b1', 'se0', 'se1', 'loglik'), [*b, *errors(information(b)), value]):
                expected.append([s, f'ml_{ties}', name, v])
        beta, chi, p, (lo, hi), b, _ = ratio(f, 2, 1)
        for name, v in zip(('beta', 'other', 'se', 'chi2', 'logp', 'low', 'high'), (beta, b[0], errors(information(b))[1], chi, p, lo, hi)):
            expected.append([s, f'firth_{ties}', name, v])
write('inputs_cox.tsv', ['set', 'entry', 'time', 'status', 'stratum', 'x', 'g'], inputs)
write('expected_cox.tsv', ['set', 'fit', 'name', 'value'], expected)

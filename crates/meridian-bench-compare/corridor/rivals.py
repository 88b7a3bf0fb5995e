"""rivals.py EDGES PAIRS: milliseconds a query of Python's path finders, a JSON line a figure. A rival that is not installed
is said to be missing."""
import csv, heapq, json, sys, time

edges = [tuple(int(row[key]) for key in ("from", "to", "minutes", "cents", "grams")) for row in csv.DictReader(open(sys.argv[1]))]
pairs = [tuple(map(int, line.split(","))) for line in open(sys.argv[2])]
# A place without links is a place all the same.
count = 1 + max(max(max(edge[0], edge[1]) for edge in edges), max(max(pair) for pair in pairs))


def figure(what, rival, query, some):
    times = []
    for origin, goal in some:
        begun = time.perf_counter()
        query(origin, goal)
        times.append((time.perf_counter() - begun) * 1e3)
    times.sort()
    at = lambda percent: times[(len(times) - 1) * percent // 100]
    print(json.dumps({"bench": "corridor", "figure": what, "rival": rival, "value": round(at(50), 4), "p99": round(at(99), 4)}), flush=True)


def lower(goal, criterion, at):
    least = [float("inf")] * count
    least[goal] = 0
    queue = [(0, goal)]
    while queue:
        total, node = heapq.heappop(queue)
        if total > least[node]:
            continue
        for there, weights in at[node]:
            if total + weights[criterion] < least[there]:
                least[there] = total + weights[criterion]
                heapq.heappush(queue, (least[there], there))
    return least


def pareto(origin, goal):
    """Label setting in three criteria with exact bounds (after Mandow and Perez de la Cruz, NAMOA*)."""
    bounds = [lower(goal, criterion, neighbours) for criterion in range(3)]
    if bounds[0][origin] == float("inf"):
        return []
    fronts, goals, queue = [[] for _ in range(count)], [], [(bounds[0][origin], (0, 0, 0), origin)]
    beaten = lambda front, sums: any(a[0] <= sums[0] and a[1] <= sums[1] and a[2] <= sums[2] for a in front)
    while queue:
        _, sums, node = heapq.heappop(queue)
        if beaten(goals, tuple(sums[i] + bounds[i][node] for i in range(3))):
            continue
        if node == goal:
            goals.append(sums)
            continue
        for there, weights in neighbours[node]:
            further = tuple(sums[i] + weights[i] for i in range(3))
            total = tuple(further[i] + bounds[i][there] for i in range(3))
            if beaten(goals, total) or beaten(fronts[there], further):
                continue
            fronts[there] = [a for a in fronts[there] if not all(further[i] <= a[i] for i in range(3))] + [further]
            heapq.heappush(queue, (total[0], further, there))
    return goals


neighbours = [[] for _ in range(count)]
for origin, goal, *weights in edges:
    neighbours[origin].append((goal, tuple(weights)))
    neighbours[goal].append((origin, tuple(weights)))
figure("three criteria, exact, links alone", "pure Python label setting", pareto, pairs[:60])
try:
    import networkx

    graph = networkx.MultiGraph()
    graph.add_nodes_from(range(count))
    graph.add_edges_from((a, b, {"weight": minutes}) for a, b, minutes, *_ in edges)
    figure("one criterion, links alone", "networkx " + networkx.__version__, lambda a, b: networkx.has_path(graph, a, b) and networkx.dijkstra_path_length(graph, a, b), pairs)
except ImportError:
    print(json.dumps({"missing": "networkx"}))
try:
    import igraph

    graph = igraph.Graph(n=count, edges=[(a, b) for a, b, *_ in edges])
    weights = [minutes for _, _, minutes, *_ in edges]
    figure("one criterion, links alone", "igraph " + igraph.__version__, lambda a, b: graph.distances(a, b, weights=weights), pairs)
except ImportError:
    print(json.dumps({"missing": "igraph"}))
try:
    import rustworkx

    graph = rustworkx.PyGraph()
    graph.add_nodes_from(range(count))
    graph.add_edges_from([(a, b, float(minutes)) for a, b, minutes, *_ in edges])
    figure("one criterion, links alone", "rustworkx " + rustworkx.__version__, lambda a, b: rustworkx.dijkstra_shortest_path_lengths(graph, a, float, goal=b), pairs)
except ImportError:
    print(json.dumps({"missing": "rustworkx"}))
try:
    import searoute

    figure("sea distance", "searoute", lambda a, b: searoute.searoute([72.95, 18.95], [37.78, 44.72]), pairs[:60])
except ImportError:
    print(json.dumps({"missing": "searoute"}))

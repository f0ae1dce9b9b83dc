# SPDX-License-Identifier: GPL-2.0-only
"""tables.py graphml|csv FILE MAP.json: every edge of the map is in the file, and nothing else."""
import collections
import csv
import json
import sys

FIGURES = ("ops", "bytes", "received_ops", "received_bytes")


def name_of(node, channels):
    if node["kind"] == "process":
        return f"[{node['comm']}]" if node.get("kthread") else node["comm"]
    if node["kind"] == "hub":
        channel = channels[node["channel"]]
        return channel["name"] or channel["object"]
    return node.get("address", "kernel")


def expected(data):
    nodes = {node["id"]: node for node in data["nodes"]}
    channels = {channel["id"]: channel for channel in data["channels"]}
    edges = collections.Counter()
    for edge in data["edges"]:
        channel = channels.get(edge["channel"], {})
        edges[(edge["src"], name_of(nodes[edge["src"]], channels), edge["dst"],
               name_of(nodes[edge["dst"]], channels), edge["mechanism"], channel.get("object") or "",
               channel.get("name") or "", edge.get("signal") or "",
               *(edge[key] for key in FIGURES), edge["attribution"])] += 1
    return nodes, edges


def plain(text):
    """Without the apostrophe that keeps spreadsheets from computing a name."""
    return text[1:] if text[:1] == "'" and text[1:2] in tuple("=+-@\t\r") else text


def of_csv(path):
    edges = collections.Counter()
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file, strict=True):
            edges[(row["src"], plain(row["src_name"]), row["dst"], plain(row["dst_name"]),
                   row["mechanism"], plain(row["channel"]), plain(row["channel_name"]), row["signal"],
                   *(int(row[key]) for key in FIGURES), row["attribution"])] += 1
    return edges


def of_graphml(path, nodes):
    import networkx
    graph = networkx.read_graphml(path, force_multigraph=True)
    assert graph.is_directed()
    assert set(graph.nodes) == set(nodes), set(graph.nodes) ^ set(nodes)
    for name, attributes in graph.nodes(data=True):
        node = nodes[name]
        assert attributes["kind"] == node["kind"]
        for key in ("pid", "exe", "unit", "container"):
            assert attributes.get(key) == node.get(key), (name, key, attributes.get(key))
    edges = collections.Counter()
    for src, dst, edge in graph.edges(data=True):
        edges[(src, graph.nodes[src]["label"], dst, graph.nodes[dst]["label"], edge["mechanism"],
               edge.get("channel", ""), edge.get("name", ""), edge.get("signal", ""),
               *(edge[key] for key in FIGURES), edge["attribution"])] += 1
    return edges


def main():
    kind, path, record = sys.argv[1:]
    with open(record, encoding="utf-8") as file:
        nodes, want = expected(json.load(file))
    have = of_csv(path) if kind == "csv" else of_graphml(path, nodes)
    for edge in (want - have):
        print("missing", edge)
    for edge in (have - want):
        print("too much", edge)
    sys.exit(want != have)


main()

"""The benchmarks' report says what was measured, and their documents name what there is."""

import json
import re
from xml.etree import ElementTree

from benchmarks import report
from benchmarks.contenders import CONTENDERS, OURS, SEED
from benchmarks.driving import Figure
from benchmarks.peers_venv import NODE_PEER, PEERS
from benchmarks.workloads import WORKLOADS
from tests.support.checkout import PROJECT


def figure(requests_per_second: float, cpu_us: float) -> Figure:
    return Figure(
        requests_per_second,
        p50_ms=1.0,
        p99_ms=2.0,
        app_cpu_us=cpu_us,
        database_cpu_us=100.0,
        requests=1000,
        bytes_per_answer=300.0,
        wrk_share=0.1,
        others_share=0.02,
    )


def run_of(**measured: tuple[float, float]) -> report.Run:
    """Return a run in which a get and a create had these requests per second and app µs, by contender."""
    titles = {contender.name: contender.title for contender in CONTENDERS if contender.name in measured}
    medians = {name: {of: figure(*measured[of]) for of in titles} for name in ("get", "create")}
    return report.Run(titles, medians, spread=0.05, conditions="21 November 2026")


def cells(markdown: str, heading: str, row: str) -> list[str]:
    """Return the cells of a row in the table below a heading."""
    section = markdown.partition(heading)[2]
    line = next(line for line in section.splitlines() if line.startswith(f"| {row} |"))
    return [cell.strip() for cell in line.split("|")[2:-1]]


def test_the_ratio_is_above_one_where_this_api_serves_more_requests() -> None:
    markdown = report.markdown(run_of(ours=(1000, 500), seed=(250, 1700), fastify=(4000, 200)))

    assert cells(markdown, "**Requests per second**", "get") == ["1,000", "250", "4,000"]
    assert cells(markdown, "How many times", "get") == ["3.00 (4.00)", "0.50 (0.25)"]
    assert cells(markdown, "CPU per request", "get") == ["500 + 100", "1,700 + 100", "200 + 100"]


def test_the_parts_of_a_request_are_differences_between_contenders() -> None:
    run = run_of(ours=(1000, 800), best=(1000, 400), statements=(1000, 900), orm=(1000, 1500))

    assert cells(report.markdown(run), "What a request pays for", "get") == ["500", "+500", "-100", "+700"]


def test_a_run_without_this_api_has_neither_ratios_nor_parts() -> None:
    markdown = report.markdown(run_of(best=(1000, 400)))

    assert "How many times" not in markdown
    assert "pays for" not in markdown


def test_the_report_says_how_much_of_the_machine_others_took() -> None:
    assert "2% of the machine" in report.markdown(run_of(best=(1000, 400)))


def test_the_chart_shows_each_peer_left_of_this_api_if_it_serves_fewer() -> None:
    root = ElementTree.fromstring(report.chart(run_of(ours=(1000, 500), seed=(250, 2300), fastify=(4000, 50))))
    texts = {
        element.text or "": float(element.get("x", "0")) for element in root.iter() if element.tag.endswith("text")
    }
    fastify = [float(element.get("cx", "0")) for element in root.iter() if element.tag.endswith("circle")][1:]
    seed = [float(element.get("x", "0")) for element in root.iter() if element.get("width") == "11"][1:]

    assert texts["1/4x"] < texts["this API"] < texts["4x"]
    assert {SEED.title, "Fastify", WORKLOADS["get"].title, "600 µs"} <= set(texts)
    assert [x > texts["this API"] for x in fastify] == [
        True,
        True,
    ]  # One for each workload; the first was the legend's.
    assert [x < texts["this API"] for x in seed] == [True, True]


def test_performance_md_has_one_place_for_the_tables() -> None:
    report.check_place()

    assert OURS.title in report.DOCUMENT.read_text(encoding="utf-8")


def test_the_readme_of_the_benchmarks_names_every_contender() -> None:
    named = set(re.findall(r"`([a-z-]+)`", (PROJECT / "benchmarks" / "README.md").read_text(encoding="utf-8")))

    assert {contender.name for contender in CONTENDERS} <= named


def test_the_packages_of_the_peers_are_pinned() -> None:
    lines = (PEERS / "requirements.txt").read_text(encoding="utf-8").splitlines()
    packages = [line.split()[0] for line in lines if line and not line.startswith(("#", "-r"))]
    node = json.loads((NODE_PEER / "package.json").read_text(encoding="utf-8"))

    assert all(re.fullmatch(r"[\w\[\]-]+==[\d.]+", package) for package in packages), packages
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in node["dependencies"].values())


def test_every_contender_has_a_folder() -> None:
    assert [contender.name for contender in CONTENDERS if not contender.folder.is_dir()] == []

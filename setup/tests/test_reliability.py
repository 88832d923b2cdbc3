"""The table of what the reliability suite tried."""

import json

from setup import reliability


def test_table_adds_up_rows_of_one_name():
    notes = [
        ("Crash", "killed", {"kills": 2, "messages": 1500, "lost": 0}),
        ("Crash", "killed", {"kills": 3}),
        ("Bombs", "fed", {"inputs": 30}),
    ]
    assert reliability.table(notes).splitlines() == [
        "| what | how | messages | faults | kills | inputs | lost | doubled |",
        "| --- | --- | --: | --: | --: | --: | --: | --: |",
        "| Bombs | fed |  |  |  | 30 |  |  |",
        "| Crash | killed | 1,500 |  | 5 |  | 0 |  |",
    ]


def test_what_tests_note_is_printed_and_written(tmp_path, monkeypatch, capsys):
    output = tmp_path / "table.md"
    monkeypatch.setenv(reliability.SWITCH, "")
    monkeypatch.setenv(reliability.OUTPUT, "")
    reliability.ask_long(output)
    with (
        reliability.noted() as environment,
        open(environment[reliability.FIGURES], "a") as file,
    ):
        file.write(json.dumps(["Crash", "killed", {"kills": 1}]) + "\n")
    assert "| Crash | killed |" in output.read_text()
    assert "| Crash | killed |" in capsys.readouterr().err

"""The dashboards for Grafana, from typed code.

panels     the kinds of panels, each with title, unit and description
boards     what each dashboard shows
asking     what the panels ask Prometheus
pictures   draws the dashboards from their JSON and a Prometheus, for README.md
__main__   writes `dashboards/*.json`
"""

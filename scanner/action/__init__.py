"""The GitHub Action: its inputs as a command line, and what the run gives back to the workflow.

It runs the command line as anyone would and reads its JSON report; `action.yml` starts it
isolated from the working folder, which holds the text of whoever opened the pull request.
"""

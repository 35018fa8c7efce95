#!/bin/sh
# SPDX-License-Identifier: MIT
# A step of a CI: fails when the doctor finds an issue in a program under load,
# or a goal is missed. The report stays, to be kept as an artifact.
#
#     GOAL='rps>=500,errors<=0' examples/ci.sh ./app 'wrk -c20 -d5 $SEED_URL/'
program=$1
load=$2

SEED_DOCTOR=${REPORT:-report.html} SEED_GOAL=${GOAL:-errors<=0} \
    SEED_ON_PORT=$load $program
status=$?

case $status in
0) echo "healthy, and every goal was met" ;;
1) echo "the doctor has found an issue: see ${REPORT:-report.html}" ;;
2) echo "the load or the server failed, or no report could be written" ;;
3) echo "a goal was missed: see ${REPORT:-report.html}" ;;
*) echo "the program failed by itself" ;;
esac
exit $status

module ahead/quiet

go 1.26.4
